import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { listen, type Listening } from './listen.js'
import type { SeenFetch } from './fetch-bound.js'
import type { Publication } from './oracle.js'
import { createDeck, type Random } from './random.js'
import { createRotation, type Rotation } from './rotation.js'
import { KEY_SET } from './settings.js'

/** What happens to a fetch. `hangs`: no byte ever comes. `fails`: 503, with or without `Retry-After`, or a reset. */
type Fate = 'answers' | 'hangs' | 'fails'

/** One in ten hangs, one in ten fails. */
const FATES: readonly Fate[] = ['hangs', 'fails', ...Array<Fate>(8).fill('answers')]

/** In each minute the issuer is down for a while: long enough for the keys to leave every window but the last. */
const OUTAGE = { everyMs: 60_000, fromMs: 30_000, toMs: 37_000 } as const

/** How long an answer takes: a request that waits for it stands out. */
const LATENCY_MS = { least: 150, spread: 150 } as const

/** A fetch that may yet fail. */
interface Watched extends SeenFetch {
  failed: boolean
}

/** A fetch of the JWKS, and what became of it. */
interface JwksFetch extends Watched {
  fate: Fate | 'not modified'
}

/** An authorization server that does what authorization servers do at their worst. */
export interface Issuer extends Listening {
  readonly rotation: Rotation
  /** The answers that gave a key set. */
  readonly publications: readonly Publication[]
  readonly fetches: readonly JwksFetch[]
  readonly discoveries: readonly SeenFetch[]
}

/** Starts an issuer on loopback, and its rotations. */
export async function startIssuer(random: Random): Promise<Issuer> {
  const startedAt = Date.now()
  const rotation = createRotation(random)
  const publications: Publication[] = []
  const fetches: JwksFetch[] = []
  const discoveries: SeenFetch[] = []
  const nextFate = createDeck(FATES, random)
  const nextFailure = createDeck(['503', '503, later', 'reset'] as const, random)

  const fateOf = (): Fate => {
    const time = (Date.now() - startedAt) % OUTAGE.everyMs
    const down = time >= OUTAGE.fromMs && time < OUTAGE.toMs
    if (down) return random() < 0.5 ? 'hangs' : 'fails'
    return nextFate() ?? 'answers'
  }

  const serveJwks = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const askedAt = Date.now()
    const fate = fateOf()
    const seen: JwksFetch = { at: askedAt, failed: fate !== 'answers', fate }
    fetches.push(watch(seen, res))
    if (fate === 'hangs') return
    await pause(LATENCY_MS.least + random() * LATENCY_MS.spread)
    if (fate === 'fails') {
      const how = nextFailure()
      if (how === 'reset') req.socket.destroy()
      else res.writeHead(503, how === '503' ? {} : { 'Retry-After': '1' }).end()
      return
    }
    if (res.destroyed) return
    const published = rotation.published()
    const body = JSON.stringify({ keys: published.map(({ jwk }) => jwk) })
    const etag = `"${published.map(({ kid }) => kid).join(' ')}"`
    const answeredAt = Date.now()
    const inTime = answeredAt - askedAt < KEY_SET.fetchTimeoutMs / 3
    publications.push({ kids: new Set(published.map(({ kid }) => kid)), askedAt, answeredAt, inTime })
    if (req.headers['if-none-match'] === etag) {
      seen.fate = 'not modified'
      res.writeHead(304, { ETag: etag }).end()
    } else res.writeHead(200, { 'Content-Type': 'application/jwk-set+json', ETag: etag }).end(body)
  }

  const server = createServer((req, res) => {
    if (req.url === '/jwks') return void serveJwks(req, res)
    if (req.url !== '/.well-known/oauth-authorization-server') return void res.writeHead(404).end()
    discoveries.push(watch({ at: Date.now(), failed: false }, res))
    res.writeHead(200, { 'Content-Type': 'application/json' })
    return void res.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }))
  })
  const listening = await listen(server)
  const { url } = listening
  return {
    url,
    rotation,
    publications,
    fetches,
    discoveries,
    async close() {
      rotation.stop()
      await listening.close()
    },
  }
}

/** Notes a fetch as failed where the server gives up: on a busy machine it may, though we mean well. */
function watch<T extends Watched>(seen: T, res: ServerResponse): T {
  res.once('close', () => {
    if (!res.writableFinished) seen.failed = true
  })
  return seen
}
