import { STILL_MS, type Answer, type Contender, type Setup, type Subject } from './contender.js'
import { FaultyIssuer } from './issuer.js'
import { AUDIENCE, makeKey, mint, type Key } from './keys.js'
import { takeOverTime, type Time } from './time.js'

/** What must be seen of one wave of tokens. */
export interface Expected {
  /** How many are accepted, at least and at most. */
  readonly accepted?: number | readonly [least: number, most: number]
  /** How many fetches of the JWKS they cost, at least and at most. */
  readonly fetches?: number | readonly [least: number, most: number]
  /** Seconds that the longest of them may wait on the network. */
  readonly waits?: number
  /** Whether they may compute for seconds: the clocks stand still for so long. */
  readonly computes?: boolean
  /** What the refused ones get: with 503 also `Retry-After`. Only asked of who answers over HTTP. */
  readonly refusal?: 401 | 503
}

/** One thing that was looked at. */
export interface Finding {
  readonly what: string
  readonly seen: string
  readonly holds: boolean
}

/** An answer, and for how many seconds it waited while the clocks were moved. */
export type Timed = Answer & { readonly waited: number }

/** What the first token of a warm start is called. */
export const WARM_UP = 'to begin with'

const MINUTE_MS = 60_000
/** Seconds after which nobody is waited for any longer. */
export const PATIENCE = 35

/** Where one contender meets one fault: an issuer, a clock, and what was seen. */
export class Stage {
  readonly contender: Contender
  readonly issuer: FaultyIssuer
  readonly time: Time
  readonly findings: Finding[] = []
  readonly #subjects: Subject[] = []

  private constructor(contender: Contender, issuer: FaultyIssuer, time: Time) {
    this.contender = contender
    this.issuer = issuer
    this.time = time
  }

  /** Sets the stage, lets something happen on it, and clears it. */
  static async play(contender: Contender, act: (stage: Stage) => Promise<void>): Promise<readonly Finding[]> {
    const issuer = await FaultyIssuer.listen()
    const time = takeOverTime()
    const stage = new Stage(contender, issuer, time)
    try {
      await act(stage)
    } finally {
      await Promise.all(stage.#subjects.map((subject) => subject.close()))
      await issuer.close()
      time.restore()
    }
    return stage.findings
  }

  /** Starts the contender. */
  async start(options: { discovery?: boolean; more?: Setup['more'] } = {}): Promise<Subject> {
    const { url, jwksUri } = this.issuer
    const where = options.discovery === true ? undefined : jwksUri
    const subject = await this.contender.make({
      issuer: url,
      jwksUri: where,
      audience: AUDIENCE,
      more: options.more,
    })
    this.#subjects.push(subject)
    return subject
  }

  /** Starts the contender with a key that it has fetched and used. */
  async startWarm(
    options: { discovery?: boolean; more?: Setup['more'] } = {},
  ): Promise<{ subject: Subject; key: Key }> {
    const key = makeKey()
    this.issuer.publish(key)
    const subject = await this.start(options)
    await this.wave(WARM_UP, subject, await this.tokens(key, 1), { accepted: 1 })
    return { subject, key }
  }

  /** Mints good tokens. */
  tokens(key: Key, count: number): Promise<readonly string[]> {
    return Promise.all(Array.from({ length: count }, () => this.token(key)))
  }

  /** Mints a token; `kid` is what it says, where that is not the key's. */
  token(key: Key, kid?: string): Promise<string> {
    return mint(key, this.issuer.url, kid)
  }

  /** Moves the clocks by minutes and a second. */
  jump(minutes: number): void {
    this.time.jump(minutes * MINUTE_MS + 1_000)
  }

  /** Sends tokens at once, notes what comes of it, and waits until the network is quiet. */
  async wave(
    what: string,
    subject: Subject,
    tokens: readonly string[],
    expected: Expected,
  ): Promise<readonly Timed[]> {
    const before = this.issuer.fetches()
    const answers = await this.settle(
      tokens.map((token) => this.ask(subject, token)),
      expected,
    )
    await this.time.still(20)
    this.judge(what, answers, this.issuer.fetches() - before, expected)
    return answers
  }

  /** Sends one token. */
  async ask(subject: Subject, token: string): Promise<Timed> {
    const [since, moved] = [Date.now(), this.time.movedMs]
    const answer = await subject.ask(token)
    // Whoever is done before the clocks are moved has computed, not waited.
    return { ...answer, waited: this.time.movedMs === moved ? 0 : (Date.now() - since) / 1000 }
  }

  /** Waits for answers: a moment while the clocks stand, then while time passes, as long as anybody would. */
  async settle(
    asked: readonly Promise<Timed>[],
    { computes, waits }: Pick<Expected, 'computes' | 'waits'> = {},
  ): Promise<readonly Timed[]> {
    // A busy machine is not to be taken for a wait. Where ours may wait there is none to be mistaken: less will do.
    const short = this.contender.ours && waits !== 0
    const stillMs = computes === true ? 3 * STILL_MS : short ? STILL_MS / 3 : STILL_MS
    const open = new Set(asked)
    for (const one of asked) void one.then(() => open.delete(one))
    const all = Promise.all(asked)
    await Promise.race([all, this.time.still(stillMs)])
    for (let waited = 0; open.size > 0 && waited < PATIENCE; waited += 0.1) {
      // oxlint-disable-next-line no-await-in-loop -- time passes step by step
      await this.time.pass(100)
    }
    const givenUp: Timed = {
      accepted: false,
      status: 0,
      retryAfter: false,
      error: 'no answer',
      waited: PATIENCE,
    }
    return Promise.all(asked.map((one) => Promise.race([one, Promise.resolve(givenUp)])))
  }

  /** Lets what was begun in the background come to its end, if it has one. */
  async quiet(): Promise<void> {
    await this.time.still(20)
    for (let waited = 0; this.issuer.open > 0 && waited < 5_000; waited += 20) {
      // oxlint-disable-next-line no-await-in-loop -- a look now and then
      await this.time.still(20)
    }
    await this.time.still(20)
  }

  /** Notes what was seen of a wave. */
  judge(what: string, answers: readonly Timed[], fetches: number, expected: Expected): void {
    const { accepted, refusal, waits = Number.POSITIVE_INFINITY } = expected
    const refused = answers.filter((answer) => !answer.accepted)
    const longest = Math.max(0, ...answers.map(({ waited }) => waited))
    this.note(
      what,
      [
        `${answers.length - refused.length} of ${answers.length} accepted`,
        ...(refused.length > 0 ? [describeRefusals(refused)] : []),
        ...(this.issuer.listening ? [counted(fetches, 'fetch')] : []), // what is refused is not seen
        ...(longest >= PATIENCE ? ['gave up waiting'] : []),
        ...(longest > 0 && longest < PATIENCE ? [`longest wait ${longest.toFixed(1)} s`] : []),
      ].join(', '),
      within(answers.length - refused.length, accepted) &&
        within(fetches, expected.fetches) &&
        longest <= waits &&
        refused.every((answer) => fits(answer, refusal)),
    )
  }

  /** Notes anything else that was seen. */
  note(what: string, seen: string, holds: boolean): void {
    this.findings.push({ what, seen, holds })
  }
}

function within(value: number, bounds: number | readonly [number, number] | undefined): boolean {
  if (bounds === undefined) return true
  const [least, most] = typeof bounds === 'number' ? [bounds, bounds] : bounds
  return value >= least && value <= most
}

// A function has no status: whether its error can be told apart is for whoever calls it.
function fits({ status, retryAfter }: Answer, refusal: 401 | 503 | undefined): boolean {
  if (refusal === undefined || status === undefined) return true
  return status === refusal && (refusal === 401 || retryAfter)
}

function describeRefusals(refused: readonly Answer[]): string {
  const counts = new Map<string, number>()
  for (const { status, retryAfter, error } of refused) {
    const said = error ?? `${status}${retryAfter ? ' with `Retry-After`' : ''}`
    counts.set(said, (counts.get(said) ?? 0) + 1)
  }
  return [...counts].map(([said, count]) => `${count} × ${said}`).join(', ')
}

/** Writes a count with its noun. */
export function counted(count: number, noun: 'fetch' | 'request'): string {
  if (count === 1) return `1 ${noun}`
  return `${count} ${noun === 'fetch' ? 'fetches' : 'requests'}`
}
