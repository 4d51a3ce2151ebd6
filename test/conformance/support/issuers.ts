import type { FetchLike } from '@require-jwt/core'
import { createTestIssuer, type TestIssuer } from '@require-jwt/testing'
import { protect, type App } from './app.js'
import type { Sent } from './http.js'
import { bearer } from './table.js'
import { AUDIENCE, NOW } from './tokens.js'

/** An app that fetches its keys from an issuer of its own. */
export interface Fetching {
  readonly app: App
  readonly issuer: TestIssuer
}

let hours = 0

/**
 * Gives a clock an hour after the last that was given. All key sources of a process share the back-off of a URL: one
 * scene must not wait for what went wrong in another.
 */
export function anHourLater(): () => number {
  hours += 1
  const moment = (NOW + hours * 3600) * 1000
  return () => moment
}

/** Makes an app and its issuer. Nothing is fetched before the first token. */
export async function fetching(): Promise<Fetching> {
  const issuer = await createTestIssuer({ audience: AUDIENCE, algorithm: 'ES256', now: anHourLater()() })
  return { issuer, app: protect({ ...issuer.options, jwks: undefined }) }
}

/** Waits for a token and sends it. */
export async function sentBy(token: Promise<string>): Promise<Sent> {
  return bearer(await token)
}

type Init = Parameters<FetchLike>[1]

/** A `fetch` that knows a few documents, and what it was asked for. */
export interface Documents {
  readonly fetch: FetchLike
  readonly requests: readonly string[]
  /** What it was called with, beside the URL. */
  readonly inits: readonly Init[]
}

/** Serves documents by their URL; everything else is 404. */
export function serveDocuments(documents: Readonly<Record<string, () => Response>>): Documents {
  const requests: string[] = []
  const inits: Init[] = []
  return {
    requests,
    inits,
    fetch: (url, init) => {
      requests.push(url)
      inits.push(init)
      return Promise.resolve(documents[url]?.() ?? new Response('not found', { status: 404 }))
    },
  }
}

/** Answers with JSON. */
export function json(value: unknown, type = 'application/json'): () => Response {
  return () => new Response(JSON.stringify(value), { headers: { 'Content-Type': type } })
}
