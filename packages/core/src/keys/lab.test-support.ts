import type { AuthEvent } from '../events.js'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS } from '../signature/algorithms.js'
import type { Occasion } from './cache.js'
import type { Runtime } from './clock.js'
import type { KeyLookup, KeyQuery, KeySource } from './key-source.js'
import { checkKeySetOptions, type FetchLike, type KeySetOptions, type ResponseLike } from './options.js'
import { Registry, type KeySourceConfig, type Lease } from './registry.js'

/** What the issuer of a lab answers. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or the text itself. */
  readonly body?: unknown
  /** Milliseconds until the answer. */
  readonly afterMs?: number
  /** No answer at all: `error` fails at once, `hang` never. */
  readonly fault?: 'error' | 'hang'
}

/** A request that reached the issuer. */
export interface Seen {
  readonly url: string
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
}

/** A P-256 key as an issuer publishes it, made from its name. Its numbers are no point of the curve. */
export function ecJwk(kid: string, seed = kid): Readonly<Record<string, string>> {
  const x = Buffer.from(seed.padEnd(32, '.').slice(0, 32)).toString('base64url')
  return { kty: 'EC', crv: 'P-256', x, y: x, kid, alg: 'ES256', use: 'sig' }
}

interface Timer {
  readonly at: number
  readonly run: () => void
  readonly hold: boolean
}

/** An issuer, a clock and a registry of one test: time passes only by `advance`. */
export class Lab {
  /** What the issuer answers from now on. */
  reply: (url: string) => Reply = () => ({ body: { keys: [ecJwk('a')] } })
  /** What the wall clock says beside the time that has passed. */
  wallOffset = 1_700_000_000_000
  random = 0.5
  /** Random numbers that come before it, in this order. */
  readonly randoms: number[] = []
  readonly seen: Seen[] = []
  readonly events: AuthEvent[] = []
  readonly timers = new Set<Timer>()
  inFlight = 0
  mostInFlight = 0
  #time = 0

  readonly now = (): number => this.#time + this.wallOffset
  readonly runtime: Runtime = {
    monotonic: () => this.#time,
    random: () => this.randoms.shift() ?? this.random,
    after: (ms, run, hold) => {
      const timer: Timer = { at: this.#time + ms, run, hold }
      this.timers.add(timer)
      return () => this.timers.delete(timer)
    },
  }
  readonly registry = new Registry(this.runtime)

  readonly fetch: FetchLike = (url, { headers, signal }) => {
    this.seen.push({ url, at: this.#time, headers })
    const reply = this.reply(url)
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    const answered = new Promise<ResponseLike>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      if (reply.fault === 'hang') return
      const answer = (): void =>
        reply.fault === 'error' ? reject(new Error('connection refused')) : resolve(response(reply))
      if (reply.afterMs === undefined) answer()
      else this.runtime.after(reply.afterMs, answer, false)
    })
    const landed = (): void => {
      this.inFlight -= 1
    }
    answered.then(landed, landed)
    return answered
  }

  /** Milliseconds since the lab opened. */
  get time(): number {
    return this.#time
  }

  /** Opens a key source with the lab's clock and issuer. */
  open(options: KeySetOptions = {}, more: Partial<KeySourceConfig> = {}): Lease {
    return this.registry.open({
      issuer: 'https://idp.example',
      where: { kind: 'jwksUri', url: 'https://idp.example/jwks' },
      keySet: checkKeySetOptions(options),
      fetch: this.fetch,
      now: this.now,
      isolated: false,
      tenancy: undefined,
      observer: (event) => this.events.push(event),
      ...more,
    })
  }

  /** Opens a source that has just fetched the key `a`, and forgets what was seen meanwhile. */
  async warm(...options: Parameters<Lab['open']>): Promise<KeySource> {
    const { source } = this.open(...options)
    await this.ask(source, 'a')
    this.seen.length = 0
    this.events.length = 0
    return source
  }

  /** Asks for a kid: what is said at once, or within the time that `passMs` lets go by, else `waiting`. */
  async ask(source: KeySource, kid: string | undefined, passMs = 0, occasion?: Occasion): Promise<string> {
    let answer = 'waiting'
    const found = said(source.find(query(kid), occasion))
    if (typeof found === 'string') return found
    void found.then((text) => (answer = text))
    await this.advance(passMs)
    return answer
  }

  /** Publishes a key under each of these kids, from now on. */
  publish(...kids: readonly string[]): void {
    this.reply = () => ({ body: { keys: kids.map((kid) => ecJwk(kid)) } })
  }

  /** Lets `ms` milliseconds pass, with all that falls due in them. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms
    await flush()
    for (;;) {
      let next: Timer | undefined
      for (const timer of this.timers) if (timer.at <= (next?.at ?? end)) next = timer
      if (next === undefined) break
      this.timers.delete(next)
      this.#time = Math.max(this.#time, next.at)
      next.run()
      // oxlint-disable-next-line no-await-in-loop -- what a timer started goes on before the next one
      await flush()
    }
    this.#time = end
    await flush()
  }
}

/** What a token asks for. */
export function query(kid: string | undefined): KeyQuery {
  return { kid, alg: 'ES256', algorithms: new Set(ASYMMETRIC_ALGORITHMS) }
}

/** What a look-up gave: the kids of the keys, the code of the refusal, or a promise of it. */
export function said(found: KeyLookup | Promise<KeyLookup>): string | Promise<string> {
  if (found instanceof Promise) return found.then(said)
  return isRefusal(found) ? found.code : found.map((key) => key.kid).join()
}

/** Lets everything run that waits for nothing but its turn. */
export async function flush(): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- turns come one after the other
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
}

function response({ status = 200, headers = {}, body }: Reply): ResponseLike {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const chunks = body === undefined ? [] : [new TextEncoder().encode(text)]
  return {
    status,
    headers: { get: (name) => headers[name] ?? (name === 'content-type' ? 'application/json' : null) },
    body: {
      getReader: () => ({
        async read() {
          const value = chunks.shift()
          return { done: value === undefined, value }
        },
        async cancel() {
          chunks.length = 0
        },
      }),
    },
  }
}
