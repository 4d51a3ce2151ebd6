import { expect } from 'vitest'
import type { Adapter, Placement, Served } from './adapters/adapter.js'
import type { App } from './support/app.js'
import { parseChallenges } from './support/challenges.js'
import { exchange, valuesOf, type Answer, type Sent } from './support/http.js'
import { eventsOf, type Case, type Expected } from './support/table.js'

/** Plays scenes on one framework. */
export interface Stand {
  /** Sends what a scene says and compares; gives what came back. */
  run(scene: Case['scene'], expected: Expected): Promise<readonly Answer[]>
  /** Sends one request to an app, and compares nothing. */
  readonly send: (app: App, sent: Sent) => Promise<Answer>
  readonly close: () => Promise<void>
}

/** Serves apps on one framework, each once, in one placement. */
export function createStand(adapter: Adapter, placement: Placement): Stand {
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
      return answers
    },
    send,
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
  expect(rejected.map((event) => event.code)).toEqual(
    code === undefined ? [] : Array.from({ length: requests }, () => code),
  )
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
