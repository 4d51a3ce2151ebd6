import { KEY_SET, LIMITS, onMachine } from './settings.js'

/** What a token is, by how it was made. */
export type Kind =
  /** Signed with the key that the issuer signs with now. */
  | 'good'
  /** As good, but signed with a key that has left the JWKS. */
  | 'withdrawn'
  /** Out of date, else good. */
  | 'expired'
  /** Names a key of the issuer, and was signed with another one. */
  | 'forged'
  /** Names a key that never was. */
  | 'unknown'

/** An answer of the issuer that gave a key set, in milliseconds of the machine's clock. */
export interface Publication {
  readonly kids: ReadonlySet<string>
  readonly askedAt: number
  readonly answeredAt: number
  /** It came so early that the server cannot have given up waiting for it. */
  readonly inTime: boolean
}

/** A request and its answer. */
export interface Exchange {
  readonly kind: Kind
  readonly kid: string
  readonly sentAt: number
  readonly answeredAt: number
}

/** How long an answer of the issuer may take to become the key set of the server, on a busy machine. */
export const LANDING_MS = 1_500

const END_MS = onMachine(KEY_SET.ttlMs + KEY_SET.staleIfErrorMs)
const SURELY_FRESH_MS = onMachine(KEY_SET.ttlMs * LIMITS.aheadFrom) - 250

/** Where an exchange has one right answer, that; where the keys changed meanwhile, all that are right. */
export type Verdicts = readonly number[]

/**
 * Says how an exchange may end, from what the issuer published and when; of the server it knows nothing.
 *
 * `publications` are in order of time, all until the answer of the exchange.
 */
export function rightVerdicts(exchange: Exchange, publications: readonly Publication[]): Verdicts {
  const { kind, kid, sentAt, answeredAt } = exchange
  if (kind === 'expired') return [401] // refused before keys are looked at

  const held = heldBetween(sentAt, answeredAt, publications)
  const refusals = surelyFresh(sentAt, answeredAt, publications) ? [401] : [401, 503]
  if (kind === 'unknown') return refusals
  const known = held.filter((kids) => kids?.has(kid))
  if (kind === 'forged') return known.length === held.length ? [401] : refusals
  if (known.length === held.length) return [200]
  return known.length === 0 ? refusals : [200, ...refusals]
}

/** The key sets that a server can have held at some time between two moments; `undefined`: none at all. */
function heldBetween(
  from: number,
  to: number,
  publications: readonly Publication[],
): (ReadonlySet<string> | undefined)[] {
  const at = lastLanded(from, publications)
  const held = publications.slice(Math.max(at, 0)).filter(({ answeredAt }) => answeredAt <= to)
  const surelyOne = at >= 0 && held.some(({ askedAt }) => askedAt + END_MS > to)
  const alive = held.filter(({ askedAt }) => askedAt + END_MS + LANDING_MS > from)
  return [...alive.map(({ kids }) => kids), ...(surelyOne ? [] : [undefined])]
}

function surelyFresh(from: number, to: number, publications: readonly Publication[]): boolean {
  const landed = publications[lastLanded(from, publications)]
  return landed !== undefined && to - landed.askedAt < SURELY_FRESH_MS
}

/** The last publication that a server must have taken by a moment; -1 where there is none. */
function lastLanded(moment: number, publications: readonly Publication[]): number {
  return publications.findLastIndex(({ answeredAt, inTime }) => inTime && answeredAt + LANDING_MS < moment)
}
