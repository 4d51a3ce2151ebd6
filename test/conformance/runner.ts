import { afterAll, describe, expect, test } from 'vitest'
import type { Adapter, Placement, Served } from './adapters/adapter.js'
import type { App } from './support/app.js'
import { parseChallenges } from './support/challenges.js'
import { exchange, valuesOf, type Answer, type Sent } from './support/http.js'
import { eventsOf, type Case, type Expected } from './support/table.js'
import { GUARDED, TABLE } from './table/index.js'

/** Runs the table over an adapter, on a route of its own and behind a mount path. */
export function runTable(adapter: Adapter): void {
  describe.each([adapter])('$name', () => {
    // What stands outside and what inside matters where there is more than one middleware.
    describe.each([
      { placement: 'plain', table: TABLE },
      { placement: 'mounted', table: TABLE },
      { placement: 'split', table: GUARDED },
    ] as const)('$placement', ({ placement, table }) => {
      const stand = createStand(adapter, placement)
      afterAll(stand.close)

      for (const { rules, about, refuses, accepts } of table) {
        describe(`${rules.join(' ')}: ${about}`, () => {
          test.each(refuses)('refuses $name', async ({ scene, expected }) => {
            expect(expected.status).toBeGreaterThanOrEqual(400)
            await stand.run(scene, expected)
          })
          test.each(accepts)('accepts $name', async ({ scene, expected }) => {
            expect(expected.status).toBeLessThan(300)
            await stand.run(scene, expected)
          })
        })
      }
    })
  })
}

interface Stand {
  run(scene: Case['scene'], expected: Expected): Promise<void>
  readonly close: () => Promise<void>
}

/** Serves the apps of the table on one framework, each once, in one placement. */
function createStand(adapter: Adapter, placement: Placement): Stand {
  const servers = new Map<App, Promise<Served>>()

  async function send(app: App, sent: Sent): Promise<Answer> {
    const server = servers.get(app) ?? adapter.serve(app, placement)
    servers.set(app, server)
    const { url } = await server
    return exchange(url, sent)
  }

  return {
    async run(scene, expected) {
      const { app, sent, earlier = [], together = [], sameAs, also } = await scene()
      // In order: what came before is part of the scene.
      // oxlint-disable-next-line no-await-in-loop
      for (const request of earlier) await send(app, request)
      const twin = sameAs && (await send(sameAs.app, sameAs.sent))
      app.events.length = 0
      app.runs = 0
      const answers = await Promise.all([sent, ...together].map((request) => send(app, request)))
      for (const answer of answers) {
        checkAnswer(answer, expected)
        checkSecrecy(answer, sent, expected)
        if (twin) expect(answer.bytes).toBe(twin.bytes)
        if (also) expect(also[0](answer)).toEqual(also[1])
      }
      checkOperator(app, expected, answers.length)
      checkSummaries(app, sent, placement)
    },
    async close() {
      await Promise.all([...servers.values()].map(async (server) => (await server).close()))
    },
  }
}

function checkAnswer(answer: Answer, { status, challenge, headers = {}, body }: Expected): void {
  const challenges = valuesOf(answer, 'WWW-Authenticate').join(', ') || undefined
  expect({ status: answer.status, challenge: challenges }).toEqual({ status, challenge })
  if (challenges !== undefined) expect(parseChallenges(challenges).length).toBeGreaterThan(0)
  for (const [name, value] of Object.entries(headers)) {
    const values = valuesOf(answer, name)
    if (value === undefined) expect(values).toEqual([])
    else expect(values).toEqual([typeof value === 'string' ? value : expect.stringMatching(value)])
  }
  if (typeof body === 'string') expect(answer.body).toBe(body)
  else if (body instanceof RegExp) expect(answer.body).toMatch(body)
  else if (body) expect(JSON.parse(answer.body)).toMatchObject(body)
}

function checkOperator(app: App, { code, detail, authenticated, ran }: Expected, requests: number): void {
  const rejected = eventsOf(app, 'rejected')
  expect(rejected.map((event) => event.code)).toEqual(code === undefined ? [] : [code])
  if (detail) expect(rejected[0]?.detail).toMatch(detail)
  expect(app.runs).toBe(ran ? requests : 0)
  const count = authenticated ?? (ran ? requests : undefined)
  if (count !== undefined) expect(eventsOf(app, 'authenticated')).toHaveLength(count)
}

// What an operator reads is the path that the client sent, without the query, whatever a mount cut off.
function checkSummaries({ events }: App, { method = 'GET' }: Sent, placement: Placement): void {
  const path = placement === 'plain' ? '/thing' : '/mounted/thing'
  const summaries = events.flatMap((event) => ('request' in event ? [event.request] : []))
  expect(summaries).toEqual(summaries.map(() => ({ method, path })))
}

// ERR-10: nothing of what the caller sent comes back with a refusal.
function checkSecrecy(
  answer: Answer,
  { headers = [], query = '', body = '' }: Sent,
  { ran }: Expected,
): void {
  if (ran) return
  const texts = [...headers.map(([, value]) => value), query, body].join(' ')
  const reflected = texts
    .split(/[^A-Za-z0-9_-]+/)
    .filter((text) => text.length > 15 && answer.bytes.includes(text))
  expect(reflected).toEqual([])
}
