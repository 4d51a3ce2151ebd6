import { isRetryOf, isTooSoon, mayBeRetried, type Demand, type Request } from './fetch-log.test-support.js'
import type { FakeIssuer } from './issuer.test-support.js'
import type { Lab } from './lab.test-support.js'
import type { Model, Moment } from './model.test-support.js'
import type { FetchLike, ResponseLike } from './options.js'
import type { Must } from './judge.test-support.js'
import type { Setup } from './schedule.test-support.js'

const SECOND = 1_000
const METADATA_AHEAD_MS = 0.75 * 3_600_000

interface WatchParts {
  readonly setup: Setup
  readonly lab: Lab
  readonly model: Model
  readonly issuer: FakeIssuer
  readonly demand: Demand
  readonly now: () => Moment
  readonly must: Must
}

/** The requests of one kind, in the order of sending. */
class Line {
  latest: Request | undefined
  /** The last that failed; a success makes it forgotten. */
  failed: Request | undefined
  failures = 0
  inFlight = 0
  /** Those that may be tried once more: of flights side by side there are several. */
  readonly retryable = new Set<Request>()
}

/** Stands between the source and its issuer: sees every request, tells the model what came of it, checks the rules. */
export class Watch {
  readonly #parts: WatchParts
  readonly #keys = new Line()
  readonly #metadata = new Line()
  readonly #places = new Set<string>()
  readonly #open = new Set<Request>()
  #calls: number[] = []
  #number = 0
  #document: Moment | undefined
  /** The keys were gone from their place since the metadata was asked. */
  #gone = false
  #quietSince = 0

  constructor(parts: WatchParts) {
    this.#parts = parts
    if (parts.setup.form === undefined) this.#places.add(parts.issuer.jwksUri)
  }

  /** A request came, or an operator. */
  called(): void {
    this.#calls.push(this.#parts.lab.time)
  }

  /** The source is closed: what is under way comes to nothing. */
  closed(): void {
    const isRetrying = [...this.#open].some(({ isRetry }) => isRetry)
    for (const request of this.#open) this.#end(request, 'void')
    // An attempt that ended in the middle counts as none.
    for (const line of [this.#keys, this.#metadata]) {
      line.retryable.clear()
      const { failed } = line
      if (failed === undefined) continue
      const isInside = isRetrying || (mayBeRetried(failed) && this.#quietFor(failed) <= 0.3 * SECOND)
      if (!isInside && this.#parts.setup.form === undefined) continue
      line.failed = undefined
      line.failures = 0
    }
    this.#document = undefined
    this.#gone = false
  }

  readonly fetch: FetchLike = (url, init) => {
    const { issuer, lab } = this.#parts
    const { reply, meaning, stalls = false } = issuer.answer(url, init.headers)
    const request = this.#sent(url, meaning)
    init.signal.addEventListener('abort', () => this.#end(request, 'timeout'))
    lab.reply = () => reply
    const land = (): void => this.#end(request, meaning.is === 'failure' ? 'failure' : 'success')
    return lab.fetch(url, init).then(
      (response) => watched(response, stalls, land),
      (error: unknown) => {
        land()
        throw error
      },
    )
  }

  /** What must hold at every moment; `waiting` is how many wait for an answer. */
  check(waiting: number): void {
    const { lab, must } = this.#parts
    const isQuiet = this.#open.size === 0 && waiting === 0 && lab.time - this.#quietSince > 0.3 * SECOND
    const held = [...lab.timers].filter(({ hold }) => hold)
    must(!isQuiet || held.length === 0, '8', `${held.length} timers and no fetch`)
  }

  #sent(url: string, meaning: Request['meaning']): Request {
    const { issuer, must, now, setup } = this.#parts
    const isMetadata = issuer.isMetadata(url)
    must(isMetadata ? setup.form !== undefined : this.#places.has(url), '7', `asked ${url}`)
    const line = isMetadata ? this.#metadata : this.#keys
    const first = [...line.retryable].find((failed) => isRetryOf(failed, now(), url))
    const isRetry = first !== undefined && line.retryable.delete(first)
    const goesOn = isRetry || (isMetadata ? this.#isNextForm(line, url) : hasMoved(line, url))
    const request: Request = {
      url,
      number: (this.#number += 1),
      sentAt: now(),
      meaning,
      // Of attempts side by side nobody can tell from outside which failure counts.
      failuresBefore: (goesOn ? line.latest?.failuresBefore : !setup.isolated && line.failures) || 0,
      isRetry,
    }
    if (!goesOn) this.#judge(line, isMetadata)
    this.#open.add(request)
    line.latest = request
    line.inFlight += 1
    must(line.inFlight <= this.#mostInFlight(), '1', `${line.inFlight} in flight`)
    return request
  }

  /** One; in an isolate each call of the last flight's length may have its own. */
  #mostInFlight(): number {
    const { setup, lab } = this.#parts
    if (!setup.isolated) return 1
    const since = lab.time - 2 * setup.fetchTimeoutMs - SECOND
    this.#calls = this.#calls.filter((at) => at >= since)
    return this.#calls.length
  }

  /** Whether there is a reason to ask. */
  #judge(line: Line, isMetadata: boolean): void {
    const { demand, model, must, now, setup } = this.#parts
    const { forward, monotonic } = now()
    const isOrdered = demand.orders.some(({ to }) => to >= forward)
    if (!setup.isolated && !isOrdered && line.failed) {
      const capMs = setup.form === undefined && model.usable() ? 60 * SECOND : 10 * SECOND
      must(
        !isTooSoon(line.failed, line.failures, now(), { random: setup.random, capMs }),
        '2',
        `the pause after failure ${line.failures} is not over`,
      )
    }
    if (isMetadata) {
      const age = this.#document && forward - this.#document.forward
      const isDue = age === undefined || age >= METADATA_AHEAD_MS
      must(setup.isolated || isDue || isOrdered || this.#gone, '2', 'nothing asks for the metadata')
      this.#gone = false
      return
    }
    // An attempt of an isolate may have begun before another one made it needless.
    const wasDue = setup.isolated && monotonic - model.lastDue <= setup.fetchTimeoutMs
    if (model.isDue() || wasDue) return
    must(!demand.note(forward), '2', 'more than tokens may ask for')
  }

  /** The metadata has several places: the next one is asked where the one before has nothing. */
  #isNextForm({ latest }: Line, url: string): boolean {
    if (latest?.end === undefined || latest.meaning.is !== 'failure' || latest.url === url) return false
    return latest.meaning.absent && latest.end.at.monotonic === this.#parts.lab.time
  }

  #quietFor({ end }: Request): number {
    return this.#parts.lab.time - (end?.at.monotonic ?? 0)
  }

  #end(request: Request, outcome: NonNullable<Request['end']>['outcome']): void {
    if (!this.#open.delete(request)) return
    const { issuer, lab, now } = this.#parts
    const isMetadata = issuer.isMetadata(request.url)
    const line = isMetadata ? this.#metadata : this.#keys
    request.end = { at: now(), outcome }
    line.inFlight -= 1
    this.#quietSince = lab.time
    if (outcome === 'success') this.#succeed(line, request)
    if (outcome === 'failure' || outcome === 'timeout') {
      line.failed = request
      line.failures = request.failuresBefore + 1
      if (mayBeRetried(request)) line.retryable.add(request)
      if (!isMetadata && request.meaning.is === 'failure' && request.meaning.absent) this.#gone = true
    }
  }

  #succeed(line: Line, { meaning, sentAt, number }: Request): void {
    const { model } = this.#parts
    line.failed = undefined
    line.failures = 0
    if (meaning.is === 'metadata') {
      this.#places.add(meaning.jwksUri)
      this.#document = sentAt
    }
    if (meaning.is !== 'keys' && meaning.is !== 'same') return
    const { tag, said } = meaning
    model.succeed({ tag, said, sentAt, number, keys: meaning.is === 'keys' ? meaning.keys : undefined })
  }
}

/** The keys are asked for at another place than the one where they were gone. */
function hasMoved({ latest }: Line, url: string): boolean {
  return latest?.end?.outcome === 'failure' && latest.url !== url
}

/** The response, with a look at when its body has been read or given back. */
function watched(response: ResponseLike, stalls: boolean, land: () => void): ResponseLike {
  const reader = response.body?.getReader()
  if (reader === undefined) return response
  return {
    status: response.status,
    headers: response.headers,
    body: {
      getReader: () => ({
        async read() {
          if (stalls) return new Promise(() => undefined)
          const chunk = await reader.read()
          if (chunk.done) land()
          return chunk
        },
        async cancel() {
          land()
          return reader.cancel()
        },
      }),
    },
  }
}
