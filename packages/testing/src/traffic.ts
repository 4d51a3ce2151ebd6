import type { Hono } from 'hono'
import type { FetchLike } from '@require-jwt/core'

/** What reaches the issuer, and whether it can be reached. */
export interface Traffic {
  offline: boolean
  readonly requests: string[]
}

/** Makes a `fetch` that knows one host, the issuer, and reaches it without a network. */
export function createInProcessFetch(app: Hono, issuer: string, traffic: Traffic): FetchLike {
  const { origin } = new URL(issuer)
  return async (url, init) => {
    traffic.requests.push(url)
    // What the real one says when a host cannot be reached.
    if (traffic.offline || new URL(url).origin !== origin) throw new TypeError('fetch failed')
    return app.request(url, init)
  }
}
