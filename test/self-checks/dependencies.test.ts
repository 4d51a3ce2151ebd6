import ts from 'typescript5'
import { describe, expect, test } from 'vitest'
import { packageFolders, readManifest, readText, sourceFiles } from './repository.js'

interface Allowed {
  /** Packages whose import specifiers may stand in the sources, and no others. */
  readonly imports: readonly string[]
  /** Whether the sources may import `node:` modules: false where other runtimes must be able to run them. */
  readonly node: boolean
}

// examples -> adapters -> core -> jose: never sideways between adapters, never upward. The adapters that
// sit on node:http may use `node`.
const ALLOWED: Readonly<Record<string, Allowed>> = {
  core: { imports: ['jose'], node: false },
  node: { imports: ['@require-jwt/core'], node: true },
  express: { imports: ['@require-jwt/core', '@require-jwt/node', 'express'], node: true },
  koa: { imports: ['@require-jwt/core', '@require-jwt/node', 'koa'], node: true },
  hono: { imports: ['@require-jwt/core', 'hono'], node: false },
  testing: { imports: ['@require-jwt/core', 'jose', 'hono', '@hono/node-server'], node: true },
  'require-jwt': { imports: ['@require-jwt/core', '@require-jwt/testing'], node: true },
}

test('every package has its place in the direction of dependencies', () => {
  expect(packageFolders('packages')).toEqual(Object.keys(ALLOWED).toSorted())
})

describe.each(Object.entries(ALLOWED))('%s', (name, { imports, node }) => {
  const folder = `packages/${name}`

  test('imports only what its place allows', () => {
    const sources = sourceFiles(folder)
    expect(sources).not.toHaveLength(0)
    const wrong = sources.flatMap((path) =>
      importsOf(path)
        .filter((specifier) => !isAllowed(specifier, path))
        .map((specifier) => `${path}: ${specifier}`),
    )
    expect(wrong).toEqual([])
  })

  test('declares only what its place allows', () => {
    const { dependencies, peerDependencies } = readManifest(folder)
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies }))
      expect(imports).toContain(dependency)
  })

  function isAllowed(specifier: string, path: string): boolean {
    if (specifier.startsWith('./') || specifier.startsWith('../')) return true
    // The other half of what the package imports by a condition is for runtimes that are not Node.
    if (specifier.startsWith('node:')) return node || path.endsWith('.node.ts')
    if (specifier.startsWith('#')) return Object.hasOwn(readManifest(folder).imports ?? {}, specifier)
    return imports.some((allowed) => specifier === allowed || specifier.startsWith(`${allowed}/`))
  }
})

describe('core', () => {
  test('has jose as its only dependency', () => {
    const { dependencies, peerDependencies } = readManifest('packages/core')
    expect(Object.keys({ ...dependencies, ...peerDependencies })).toEqual(['jose'])
  })

  test('reaches what is for Node only by way of an import condition', () => {
    const wrong = sourceFiles('packages/core').flatMap((path) =>
      importsOf(path)
        .filter((specifier) => specifier.endsWith('.node.js') && !path.endsWith('.node.ts'))
        .map((specifier) => `${path}: ${specifier}`),
    )
    expect(wrong).toEqual([])
  })

  test('writes to no console, and reads no process but where it is for Node only', () => {
    const wrong = sourceFiles('packages/core').flatMap((path) =>
      identifiersOf(path)
        .filter(
          (identifier) =>
            identifier === 'console' || (identifier === 'process' && !path.endsWith('.node.ts')),
        )
        .map((identifier) => `${path}: ${identifier}`),
    )
    expect(wrong).toEqual([])
  })
})

function importsOf(path: string): readonly string[] {
  return ts.preProcessFile(readText(path)).importedFiles.map(({ fileName }) => fileName)
}

function identifiersOf(path: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, readText(path), ts.ScriptTarget.Latest))
  return found
}
