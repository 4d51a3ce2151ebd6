import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readArguments } from './arguments.js'
import { drawTable } from './table.js'
import { tellStory, type ObservedRow } from './tell.js'

// What RFC 6750 §3 and the published codes demand, written down apart from the story:
// title, status, WWW-Authenticate, Retry-After, what the operator reads.
const NOT_VALID =
  'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"'
const EXPECTED = [
  ['no token', 401, 'Bearer realm="api"', false, 'token_missing'],
  ['good token', 200, null, false, 'authenticated'],
  [
    "expired token, copied from yesterday's terminal",
    401,
    'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
    false,
    'token_expired',
  ],
  ['wrong audience: a token for another API', 401, NOT_VALID, false, 'audience_mismatch'],
  ['tampered: other claims, the same signature', 401, NOT_VALID, false, 'signature_invalid'],
  ['alg: none, and no signature', 401, NOT_VALID, false, 'algorithm_rejected'],
  [
    'a customer at an admin route',
    403,
    'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a right that this request needs"',
    false,
    'role_insufficient',
  ],
  ['an admin at the same route', 200, null, false, 'authenticated'],
  ['key rotation: a token signed with the new key', 200, null, false, 'authenticated'],
  ['key rotation: a token signed with the withdrawn key', 401, NOT_VALID, false, 'key_unknown'],
  ['issuer down: its keys are known', 200, null, false, 'authenticated'],
  ['issuer down from the start: no keys are known', 503, null, true, 'keys_unavailable'],
] as const

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

describe('the story', () => {
  let rows: readonly ObservedRow[]
  beforeAll(async () => {
    rows = await tellStory({ sabotage: false })
  }, 30_000)

  test.each(['express', 'koa', 'hono'] as const)('%s gives the answers of the table', (framework) => {
    expect(rows.map((row) => flat(row, framework))).toEqual(EXPECTED)
  })

  test('every row knows that it came out as told', () => {
    expect(rows.map(({ asTold }) => asTold)).toEqual(EXPECTED.map(() => true))
  })

  test('a caller who is to try again is told in how many seconds', () => {
    const { answers } = rows.at(-1) ?? {}
    for (const { retryAfter } of Object.values(answers ?? {})) {
      expect(retryAfter).toBeGreaterThanOrEqual(1)
      expect(retryAfter).toBeLessThanOrEqual(60)
    }
    expect.assertions(6)
  })

  test('the table fits into 100 columns and has every title, header and code', () => {
    const table = drawTable(rows)
    const longest = Math.max(...table.split('\n').map((line) => line.length))
    expect(longest).toBeLessThanOrEqual(100)
    const words = table.replaceAll(/\s+/g, ' ')
    for (const [title, , challenge, , code] of EXPECTED) {
      expect(words).toContain(`✔ ${title}`)
      expect(words).toContain(challenge ?? title)
      expect(words).toContain(code)
    }
    expect(words).toContain('12 of 12 rows came out as told')
  })

  test('where one framework answers otherwise, the table shows all three and what was told', () => {
    const [first] = rows
    if (!first) throw new Error('the story is empty')
    const koa = { ...first.answers.koa, challenge: 'Basic realm="api"' }
    const table = drawTable([{ ...first, asTold: false, answers: { ...first.answers, koa } }])
    expect(table).toContain('✘ no token')
    expect(table).toContain('Koa: WWW-Authenticate: Basic realm="api"')
    expect(table).toContain('Hono: WWW-Authenticate: Bearer realm="api"')
    expect(table).toContain('but it was told: status 401, Bearer realm="api", token_missing')
    expect(table).toContain('0 of 1 rows')
  })
})

test('sabotage: good tokens are refused where the issuer publishes other keys under the same kids', async () => {
  const rows = await tellStory({ sabotage: true })
  const good = rows.find(({ title }) => title === 'good token')
  expect(good?.asTold).toBe(false)
  expect(good?.answers.koa).toMatchObject({ status: 401, reason: 'signature_invalid' })
}, 30_000)

describe('the command', { timeout: 30_000 }, () => {
  test('--json prints the observed rows, and nothing else, on stdout', async () => {
    const { code, stdout, stderr } = await demo('--json')
    const rows: readonly ObservedRow[] = JSON.parse(stdout)
    expect(rows.map((row) => flat(row, 'hono'))).toEqual(EXPECTED)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('the table has no colours where stdout is no terminal, and the exit code is 0', async () => {
    const { code, stdout } = await demo()
    expect(stdout).toContain('12 of 12')
    expect(stdout).not.toContain('\u001B')
    expect(code).toBe(0)
  })

  test('--sabotage keys exits with 1, also with --json', async () => {
    const { code, stdout } = await demo('--sabotage', 'keys', '--json')
    const rows: readonly ObservedRow[] = JSON.parse(stdout)
    expect(rows.filter(({ asTold }) => !asTold)).not.toHaveLength(0)
    expect(code).toBe(1)
  })

  test('--help says how it is used', async () => {
    expect(await demo('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('usage:') })
  })

  test('an argument that makes no sense exits with 2, and stdout stays empty', async () => {
    const { code, stdout, stderr } = await demo('--jsno')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain("Unknown option '--jsno'")
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '--serve prints curl lines that work, and %s ends it',
    async (signal) => {
      const child = spawn(process.execPath, [MAIN, '--serve'])
      onTestFinished(() => void child.kill())
      const ended = once(child, 'exit')
      const calls: { readonly told: number; readonly url: string; readonly token: string | undefined }[] = []
      let told = 0
      for await (const line of createInterface(child.stdout)) {
        told = Number(/^# .*(\d{3})$/.exec(line)?.[1] ?? told)
        const { 1: url, 2: token } = /^curl -i (\S+)(?: -H 'Authorization: (Bearer \S+)')?$/.exec(line) ?? []
        if (url !== undefined) calls.push({ told, url, token })
        if (line.includes('Ctrl-C')) break
      }
      const statuses = await Promise.all(
        calls.map(async ({ url, token }) => {
          const response = await fetch(url, { headers: token === undefined ? {} : { authorization: token } })
          return response.status
        }),
      )
      child.kill(signal)
      expect(statuses).toEqual(calls.map((call) => call.told))
      expect(statuses).toEqual([401, 200, 403, 200, 401, 200, 403, 200, 401, 200, 403, 200])
      expect(await ended).toEqual([0, null])
    },
  )
})

test.each([
  [['--jsno'], "Unknown option '--jsno'"],
  [['table'], "Unexpected argument 'table'"],
  [['--sabotage'], 'argument missing'],
  [['--sabotage', 'issuer'], "--sabotage takes 'keys', not 'issuer'"],
  [['--serve', '--json'], '--serve stands alone'],
  [['--serve', '--sabotage', 'keys'], '--serve stands alone'],
])('%j is a mistake that is named', (args, message) => {
  expect(readArguments(args)).toEqual({ kind: 'mistake', message: expect.stringContaining(message) })
})

function flat({ title, answers }: ObservedRow, framework: 'express' | 'koa' | 'hono'): readonly unknown[] {
  const { status, challenge, retryAfter, reason } = answers[framework]
  return [title, status, challenge, retryAfter !== null, reason]
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built demo. What this test's own terminal can show is none of its business. */
function demo(...args: readonly string[]): Promise<Ended> {
  const { FORCE_COLOR: _, ...env } = process.env
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}
