import { describe, expect, test, vi } from 'vitest'
import type { AuthEvent, Observer } from './events.js'
import { logEvents, type Logger } from './log-events.js'
import { messageOf } from './tokens.test-support.js'

const ISSUER = 'https://login.example'

interface Log {
  readonly lines: readonly string[]
  readonly observe: Observer
  /** Seconds. */
  at: number
}

function open(): Log {
  const lines: string[] = []
  const logger: Logger = {
    info: (text) => lines.push(`info ${text}`),
    warn: (text) => lines.push(`warn ${text}`),
    error: (text) => lines.push(`error ${text}`),
  }
  const log: Log = { lines, observe: logEvents(logger, () => log.at * 1000), at: 100 }
  return log
}

function rejected(changes: Partial<Extract<AuthEvent, { type: 'rejected' }>> = {}): AuthEvent {
  return {
    type: 'rejected',
    code: 'token_expired',
    detail: 'exp has passed',
    issuer: ISSUER,
    request: { method: 'GET', path: '/orders' },
    ...changes,
  }
}

function lineOf(event: AuthEvent): string | undefined {
  const log = open()
  log.observe(event)
  return log.lines[0]
}

describe('logEvents', () => {
  test('writes one line for a refusal: code, method and path, issuer, detail', () => {
    expect(lineOf(rejected())).toBe(
      'warn require-jwt: refused token_expired | GET /orders | issuer https://login.example | exp has passed',
    )
  })

  test('leaves out what is not known', () => {
    expect(lineOf(rejected({ detail: undefined, issuer: undefined, request: undefined }))).toBe(
      'warn require-jwt: refused token_expired',
    )
  })

  test.each<[string | undefined, AuthEvent]>([
    [undefined, { type: 'authenticated', issuer: ISSUER, memo: false, durationMs: 1, request: undefined }],
    ['warn require-jwt: notice | careful', { type: 'config.notice', issuer: undefined, detail: 'careful' }],
    [
      'warn require-jwt: notice | issuer https://login.example | careful',
      { type: 'config.notice', issuer: ISSUER, detail: 'careful' },
    ],
    [
      'info require-jwt: keys refreshed | issuer https://login.example | 2 usable',
      { type: 'keys.refreshed', issuer: ISSUER, keys: 2 },
    ],
    [
      'info require-jwt: keys changed | issuer https://login.example | 1 added, 2 removed',
      { type: 'keys.changed', issuer: ISSUER, added: 1, removed: 2 },
    ],
    [
      'warn require-jwt: keys cannot be refreshed | issuer https://login.example | timeout | known keys last 3600 s',
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 3_600_400, severity: 'warning', reason: 'timeout' },
    ],
    [
      'error require-jwt: keys cannot be refreshed | issuer https://login.example | timeout | known keys last 1800 s',
      {
        type: 'keys.outage',
        issuer: ISSUER,
        remainingMs: 1_800_000,
        severity: 'critical',
        reason: 'timeout',
      },
    ],
    [
      'error require-jwt: keys cannot be refreshed | issuer https://login.example | timeout | no keys that may be used',
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 0, severity: 'critical', reason: 'timeout' },
    ],
    [
      'info require-jwt: keys can be refreshed again | issuer https://login.example | after 90 s',
      { type: 'keys.recovered', issuer: ISSUER, outageMs: 90_400 },
    ],
    [
      'warn require-jwt: unknown keys not asked for | issuer https://login.example | 7 look-ups',
      { type: 'keys.suppressed', issuer: ISSUER, count: 7 },
    ],
    [
      'warn require-jwt: tokens name keys that the issuer does not publish | issuer https://login.example | 7',
      { type: 'keys.unknown', issuer: ISSUER, count: 7 },
    ],
    [
      'info require-jwt: keys taken from the store | issuer https://login.example | 2 usable, 90 s old',
      { type: 'keys.restored', issuer: ISSUER, keys: 2, ageMs: 90_400 },
    ],
    [
      'warn require-jwt: the key store failed | issuer https://login.example | set, 7 times',
      { type: 'keys.store_failed', issuer: ISSUER, operation: 'set', count: 7 },
    ],
    [
      'warn require-jwt: many key caches for one URL | issuer https://login.example | pass the same fetch every time, or make one verifier',
      { type: 'keys.unshared', issuer: ISSUER, option: 'fetch' },
    ],
  ])('writes %s', (line, event) => {
    expect(lineOf(event)).toBe(line)
  })

  test('writes ten refusals a second, then their count with the first one after it', () => {
    const log = open()
    for (let i = 0; i < 13; i += 1) log.observe(rejected())
    log.at = 100.999
    log.observe(rejected())
    expect(log.lines).toHaveLength(10)
    log.at = 101
    log.observe(rejected())
    expect(log.lines).toHaveLength(12)
    expect(log.lines[10]).toBe('warn require-jwt: 4 more refusals within that second')
    expect(log.lines[11]).toMatch(/^warn require-jwt: refused/)
  })

  test('counts nothing where no line was left out', () => {
    const log = open()
    for (let i = 0; i < 10; i += 1) log.observe(rejected())
    log.at = 101
    log.observe(rejected())
    expect(log.lines.filter((line) => line.includes('more refusals'))).toEqual([])
    expect(log.lines).toHaveLength(11)
  })

  test('never leaves out what happens to the keys', () => {
    const log = open()
    for (let i = 0; i < 20; i += 1) log.observe({ type: 'keys.refreshed', issuer: ISSUER, keys: i })
    expect(log.lines).toHaveLength(20)
  })

  test('goes by the wall clock where no other is given', () => {
    const warn = vi.fn<(text: string) => void>()
    const observe = logEvents({ info: warn, warn, error: warn })
    observe(rejected())
    expect(warn).toHaveBeenCalledOnce()
  })

  test('keeps a line one line, whatever the path holds', () => {
    const path = '/a\r\nb\u0000c\u001B[31md\u0085e\u2028f\u007F'
    expect(lineOf(rejected({ request: { method: 'GET', path } }))).toContain('GET /a??b?c?[31md?e?f? |')
  })

  test('calls the methods on the logger, which may need its this', () => {
    class Own implements Logger {
      readonly lines: string[] = []
      info(text: string): void {
        this.lines.push(text)
      }
      warn(text: string): void {
        this.lines.push(text)
      }
      error(text: string): void {
        this.lines.push(text)
      }
    }
    const logger = new Own()
    logEvents(logger)(rejected())
    expect(logger.lines).toHaveLength(1)
  })

  test.each([undefined, null, 'console', {}, { info() {}, warn() {} }, { info() {}, warn() {}, error: 1 }])(
    'refuses a logger that lacks a level: %s',
    (logger) => {
      expect(messageOf(() => logEvents(logger as Logger))).toMatch(
        /^logEvents\(logger\): got .+\. Pass something with info, warn and error, such as console\.$/,
      )
    },
  )
})
