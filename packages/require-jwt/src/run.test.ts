import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { run } from './run.js'

function call(...argv: string[]): { code: number; out: string[]; err: string[] } {
  const out: string[] = []
  const err: string[] = []
  const code = run(argv, { out: (text) => out.push(text), err: (text) => err.push(text) })
  return { code, out, err }
}

describe('require-jwt', () => {
  test.each([[], ['--help'], ['-h'], ['--help', '--version']])(
    'shows its usage and which package to install for %j',
    (...argv) => {
      const { code, out, err } = call(...argv)
      expect(code).toBe(0)
      expect(out).toHaveLength(1)
      expect(out[0]).toContain('Usage: require-jwt')
      for (const framework of ['express', 'koa', 'hono']) {
        expect(out[0]).toContain(`npm install @require-jwt/${framework}`)
      }
      expect(err).toEqual([])
    },
  )

  test.each(['--version', '-v'])('shows the version of the package for %s', (argument) => {
    const manifest: { version: string } = JSON.parse(
      String(readFileSync(new URL('../package.json', import.meta.url))),
    )
    expect(call(argument)).toEqual({ code: 0, out: [manifest.version], err: [] })
  })

  test.each(['--halp', '-x', 'explain', '--', '--help=yes', '--version=2'])(
    'refuses %j with exit code 2',
    (argument) => {
      const { code, out, err } = call(argument)
      expect(code).toBe(2)
      expect(out).toEqual([])
      expect(err).toEqual([`require-jwt: unknown argument "${argument}". Try require-jwt --help.`])
    },
  )

  test('names the argument that it does not know, also behind ones that it does', () => {
    expect(call('--help', 'doctor').err[0]).toContain('"doctor"')
  })
})
