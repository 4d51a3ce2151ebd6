import type { RequestListener } from 'node:http'
import { createTestIssuer, type SigningAlgorithm, type TestIssuer } from '@require-jwt/testing'
import { vi } from 'vitest'
import { ask, serve, type Answer, type Sent } from './http.js'
import { OUTAGES, REQUESTS, type Route } from './requests.js'

/** Two libraries, set to the same policy. */
export interface Pair {
  /** The page, without `.md`. */
  readonly page: string
  /** What is compared with ours, by name. */
  readonly library: string
  /** The packages that it is made of; their versions are read as installed. */
  readonly packages: readonly string[]
  /** Ours. */
  readonly adapter: string
  /** The routes that both have; one that only ours could have is no comparison. */
  readonly routes: readonly Route[]
  readonly theirs: (issuer: TestIssuer) => RequestListener
  readonly ours: (issuer: TestIssuer) => RequestListener
}

/** One request and the two answers to it. */
export interface Row {
  readonly name: string
  readonly theirs: Answer
  readonly ours: Answer
}

/** What a run has shown. */
export interface Comparison {
  readonly rows: readonly Row[]
  /** How often the issuer was asked for ten good tokens, one after another. */
  readonly fetches: { readonly theirs: number; readonly ours: number }
}

const TEN = 10
// Where only the whereabouts of the keys matter: RSA keys take long to generate.
const QUICK = 'ES256'

/** Runs both libraries on the same requests. Time stands still but for what the requests say. */
export async function compare(pair: Pair): Promise<Comparison> {
  // Theirs read the global clock; ours gets that of the issuer. Both stand where the requests put them.
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    return {
      rows: [...(await compareRequests(pair)), ...(await compareOutages(pair))],
      fetches: await countFetches(pair),
    }
  } finally {
    vi.useRealTimers()
  }
}

async function compareRequests(pair: Pair): Promise<readonly Row[]> {
  return inWorld(pair, 'RS256', async ({ issuer, askBoth }) => {
    const rows: Row[] = []
    for (const { name, route, send } of REQUESTS) {
      if (pair.routes.includes(route)) rows.push({ name, ...(await askBoth(route, await send(issuer))) })
    }
    return rows
  })
}

async function compareOutages(pair: Pair): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { name, before, send } of OUTAGES) {
    const row = await inWorld(pair, QUICK, async ({ issuer, askBoth, sync }) => {
      await before(issuer, async (seconds) => {
        await askBoth('/me', { headers: ['Authorization', `Bearer ${await issuer.token()}`] })
        issuer.advanceSeconds(seconds)
      })
      sync()
      return { name, ...(await askBoth('/me', await send(issuer))) }
    })
    rows.push(row)
  }
  return rows
}

async function countFetches(pair: Pair): Promise<Comparison['fetches']> {
  return inWorld(pair, QUICK, async ({ issuer, theirs, ours }) => {
    const count = async (url: string): Promise<number> => {
      const before = issuer.requests.length
      for (let n = 0; n < TEN; n += 1) {
        await ask(`${url}/me`, { headers: ['Authorization', `Bearer ${await issuer.token()}`] })
      }
      return issuer.requests.length - before
    }
    return { theirs: await count(theirs), ours: await count(ours) }
  })
}

interface World {
  readonly issuer: TestIssuer
  readonly theirs: string
  readonly ours: string
  readonly askBoth: (route: Route, sent: Sent) => Promise<{ theirs: Answer; ours: Answer }>
  /** Sets the global clock to that of the issuer. */
  readonly sync: () => void
}

async function inWorld<T>(
  pair: Pair,
  algorithm: SigningAlgorithm,
  act: (world: World) => Promise<T>,
): Promise<T> {
  const audience = 'https://api.example'
  const issuer = await createTestIssuer({ audience, algorithm, listen: true, now: Date.now() })
  const theirs = await serve(pair.theirs(issuer))
  const ours = await serve(pair.ours(issuer))
  try {
    return await act({
      issuer,
      theirs: theirs.url,
      ours: ours.url,
      sync: () => vi.setSystemTime(issuer.now()),
      askBoth: async (route, sent) => ({
        theirs: await ask(`${theirs.url}${route}`, sent),
        ours: await ask(`${ours.url}${route}`, sent),
      }),
    })
  } finally {
    await Promise.all([theirs.close(), ours.close(), issuer.close()])
  }
}
