import { beforeEach, expect, test, vi } from 'vitest'
import type { KeySource } from './key-source.js'
import { ecJwk, flush, Lab, query, said, type Reply } from './lab.test-support.js'
import type { VerificationKey } from './verification-key.js'

// The keys of a lab are no points of a curve: what the crypto says of them is of no interest here.
vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND
const TTL = 10 * MINUTE
const AHEAD = 0.8 * TTL
const SWR_END = 20 * MINUTE
const SLOW: Reply = { body: { keys: [ecJwk('a')] }, afterMs: SECOND }
const ISOLATED = { isolated: true }
const DOWN: Reply = { status: 503 }

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

/** A request of a Worker: what was handed over to go on after its answer. */
class Request {
  readonly work: Promise<unknown>[] = []
  readonly waitUntil = (work: Promise<unknown>): void => {
    this.work.push(work)
  }
}

function open(...options: Parameters<Lab['open']>): KeySource {
  return lab.open(options[0], { ...ISOLATED, ...options[1] }).source
}

test('without keys every request fetches for itself: none waits for a promise of another', async () => {
  const source = open()
  lab.reply = () => SLOW
  const answers = [
    said(source.find(query('a'))),
    said(source.find(query('a'))),
    said(source.find(query('a'))),
  ]
  await lab.advance(SECOND)
  expect(await Promise.all(answers.map((each) => Promise.resolve(each)))).toEqual(['a', 'a', 'a'])
  expect(lab.seen).toHaveLength(3)
})

test('a key is one object for all of them, whoever fetched it last', async () => {
  const source = open()
  lab.reply = () => SLOW
  const first = source.find(query('a'))
  await lab.advance(SECOND / 2)
  const second = source.find(query('a'))
  await lab.advance(SECOND)
  expect(await first).toEqual(await second)
  const [key] = (await first) as readonly VerificationKey[]
  expect(key && source.holds(query('a'), key)).toBe(true)
})

test('a request whose fetch dies with it holds up nobody', async () => {
  const source = open()
  lab.reply = () => ({ fault: 'hang' })
  void source.find(query('a'))
  await flush()
  lab.publish('a')
  expect(await lab.ask(source, 'a')).toBe('a')
})

test('the answer to the later request stays: an earlier one that comes late changes nothing', async () => {
  const source = open()
  lab.reply = () => ({ body: { keys: [ecJwk('old')] }, afterMs: 2 * SECOND })
  const early = said(source.find(query('a')))
  await flush()
  lab.publish('a')
  expect(await lab.ask(source, 'a')).toBe('a')
  await lab.advance(2 * SECOND)
  expect(source.status().kids).toEqual(['a'])
  expect(await early).toBe('a')
})

test.each([
  ['AHEAD', AHEAD],
  ['SWR', TTL],
])('%s: one refresh goes on by waitUntil, for all requests', async (state, age) => {
  const source = await lab.warm({}, ISOLATED)
  await lab.advance(age)
  lab.reply = () => SLOW
  const request = new Request()
  expect(source.status().state).toBe(state)
  expect(said(source.find(query('a'), request))).toBe('a')
  expect(said(source.find(query('a'), new Request()))).toBe('a')
  expect(request.work).toHaveLength(1)
  await lab.advance(SECOND)
  await Promise.all(request.work)
  expect(lab.seen).toHaveLength(1)
  expect(source.status().state).toBe('FRESH')
})

test('without waitUntil nothing is begun that nobody would wait for', async () => {
  const source = await lab.warm({}, ISOLATED)
  await lab.advance(AHEAD)
  expect(said(source.find(query('a')))).toBe('a')
  source.suspect()
  await lab.advance(TTL - AHEAD)
  expect(said(source.find(query('a')))).toBe('a')
  await flush()
  expect(lab.seen).toEqual([])
  await lab.advance(SWR_END - TTL)
  expect(await lab.ask(source, 'a')).toBe('a')
  expect(lab.seen).toHaveLength(1)
})

test('without waitUntil an outage is not for ever: when the back-off has passed one request waits', async () => {
  const source = await lab.warm({}, ISOLATED)
  lab.reply = () => DOWN
  await lab.advance(SWR_END)
  expect(await lab.ask(source, 'a', SECOND)).toBe('a')
  await lab.advance(MINUTE)
  lab.reply = () => SLOW
  const first = source.find(query('a'))
  expect(said(source.find(query('a')))).toBe('a')
  await lab.advance(SECOND)
  expect(await said(await first)).toBe('a')
  expect(source.status().state).toBe('FRESH')
})

test('a refresh that died with its request is begun anew when it would have ended', async () => {
  const source = await lab.warm({}, ISOLATED)
  await lab.advance(AHEAD)
  lab.reply = () => ({ fault: 'hang' })
  void source.find(query('a'), new Request())
  await flush()
  void source.find(query('a'), new Request())
  await flush()
  expect(lab.seen).toHaveLength(1)
  await lab.advance(30 * SECOND)
  lab.reply = () => SLOW
  void source.find(query('a'), new Request())
  await flush()
  expect(lab.seen).toHaveLength(2)
})

test('failures side by side count as one', async () => {
  const source = open()
  lab.reply = () => DOWN
  const answers = Array.from({ length: 20 }, () => said(source.find(query('a'))))
  await lab.advance(SECOND)
  expect(new Set(await Promise.all(answers.map((each) => Promise.resolve(each))))).toEqual(
    new Set(['keys_unavailable']),
  )
  expect(source.status().failures).toBe(1)
})

test('unknown kids cost what they cost elsewhere', async () => {
  const source = await lab.warm({}, ISOLATED)
  lab.reply = () => SLOW
  const answers = Array.from({ length: 100 }, (_, i) => said(source.find(query(`invented ${i}`))))
  await lab.advance(SECOND)
  expect(new Set(await Promise.all(answers.map((each) => Promise.resolve(each))))).toEqual(
    new Set(['key_unknown']),
  )
  expect(lab.seen).toHaveLength(2)
})

test('what is written to a store goes on by waitUntil as well', async () => {
  let written: (() => void) | undefined
  const store = {
    get: () => undefined,
    set: () => new Promise<void>((resolve) => (written = resolve)),
  }
  const source = open({ store })
  const request = new Request()
  expect(await lab.ask(source, 'a', 0, request)).toBe('a')
  let ended = false
  void Promise.all(request.work).then(() => (ended = true))
  await flush()
  expect(ended).toBe(false)
  written?.()
  await flush()
  expect(ended).toBe(true)
})

test('elsewhere waitUntil gets the refresh too, and requests share it', async () => {
  const { source } = lab.open()
  lab.reply = () => SLOW
  const requests = [new Request(), new Request()]
  for (const request of requests) void source.find(query('a'), request)
  await lab.advance(SECOND)
  expect(lab.seen).toHaveLength(1)
  expect(requests.map(({ work }) => work.length)).toEqual([1, 0])
})
