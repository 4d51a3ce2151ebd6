import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

/** A bundle for a Worker, as a bundler makes it of the built packages. */
export interface Bundle {
  /** Minified and compressed. */
  readonly brotliBytes: number
  /** Minified. */
  readonly text: string
  /** The files that are in it. */
  readonly files: readonly string[]
  /** The modules that it leaves to the runtime, or to another bundle. */
  readonly imports: readonly string[]
}

/**
 * Bundles a small API on Hono as for a Worker. Without what is in `external`, and without Hono: that is there
 * already.
 */
export async function bundle(external: readonly string[], fixture = 'hono.ts'): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url))],
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    conditions: ['workerd', 'worker', 'browser'],
    platform: 'browser',
    // Such imports are told by a test, not by the bundler.
    external: ['hono', 'node:*', ...external],
    format: 'esm',
    target: 'es2022',
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
  })
  return {
    text: outputFiles[0]?.text ?? '',
    brotliBytes: brotliCompressSync(outputFiles[0]?.contents ?? '').length,
    files: Object.keys(metafile.inputs),
    imports: Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path)),
  }
}
