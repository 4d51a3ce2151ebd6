import { randomBytes } from 'node:crypto'
import type { Contender, Subject } from '../../faults/contender.js'
import { core } from '../../faults/contenders/ours.js'
import { peers } from '../../faults/contenders/peers.js'
import { makeKey, type Key } from '../../faults/keys.js'
import { Stage } from '../../faults/stage.js'

/** What one contender did in each play. */
export interface Seen {
  readonly name: string
  readonly kind: 'ours' | 'peer'
  readonly packages: readonly string[]
  readonly setup: string
  /** Fetches of the JWKS in each minute of a flood of unknown kids. */
  readonly fetches: readonly number[]
  /** Of 100 good tokens in the flood, how many were accepted. */
  readonly acceptedInFlood: number
  /** Of 100 good tokens, how many were accepted so many minutes after the issuer went down. */
  readonly accepted: ReadonlyMap<number, number>
  /** What it accepted that is bad. */
  readonly fault: string | undefined
}

/** Minutes after the last fetch at which the issuer, which is down, is not needed or is missed. */
export const MINUTES = [5, 15, 30, 55] as const

const FLOOD_SECONDS = 180
/** Tokens with an unknown kid in each second of the flood. */
export const FLOOD = 10

/** Who is compared: with the set-ups of the fault table. */
export const OUTAGE_CONTENDERS: readonly Contender[] = [core, ...peers]

/** Lets a contender meet a flood of unknown kids, and an outage, while the clocks run ahead. */
export async function meetOutage(contender: Contender): Promise<Seen> {
  const { name, ours, packages, setup } = contender
  const flood = await play(contender, meetFlood)
  const accepted = await play(contender, meetSilence)
  return { name, kind: ours ? 'ours' : 'peer', packages, setup, ...flood, accepted }
}

async function play<T>(contender: Contender, act: (stage: Stage) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined
  await Stage.play(contender, async (stage) => {
    result = { value: await act(stage) }
  })
  if (result === undefined) throw new Error('the play has no end')
  return result.value
}

async function meetFlood(stage: Stage): Promise<Pick<Seen, 'fetches' | 'acceptedInFlood' | 'fault'>> {
  const { subject, key } = await stage.startWarm()
  const good: boolean[] = []
  let admitted = 0
  const ask = async (token: string): Promise<void> => {
    const { accepted } = await stage.ask(subject, token)
    if (accepted) admitted += 1
  }
  const fetches: number[] = []
  let fetched = stage.issuer.fetches()
  const start = Date.now()
  for (let second = 1; second <= FLOOD_SECONDS; second += 1) {
    // oxlint-disable no-await-in-loop -- second after second
    const kids = Array.from({ length: FLOOD }, () => randomBytes(6).toString('hex'))
    const unknown = await Promise.all(kids.map((kid) => stage.token(key, kid)))
    const asked = Promise.all(unknown.map(ask))
    if (good.length < 100) good.push(await accepts(stage, subject, key))
    await Promise.race([asked, stage.time.still(300)])
    // The clocks run on by themselves as well: a busy machine does not make a minute longer.
    await stage.time.pass(start + second * 1_000 - Date.now())
    // oxlint-enable no-await-in-loop
    if (second % 60 > 0) continue
    fetches.push(stage.issuer.fetches() - fetched)
    fetched = stage.issuer.fetches()
  }
  const forged = await accepts(stage, subject, makeKey(key.kid))
  const unknown = admitted > 0 ? 'accepts a token with an unknown kid' : undefined
  const fault = forged ? 'accepts a forged token' : unknown
  return { fetches, acceptedInFlood: good.filter(Boolean).length, fault }
}

async function meetSilence(stage: Stage): Promise<ReadonlyMap<number, number>> {
  const { subject, key } = await stage.startWarm()
  stage.issuer.faults.jwks = { kind: 'status', status: 503 }
  const accepted = new Map<number, number>()
  for (let minute = 0, next = 5; minute <= 55; minute = next) {
    // oxlint-disable no-await-in-loop -- one after the other
    stage.time.jump(5 * 60_000)
    next = minute + 5
    const tokens = await stage.tokens(key, 100)
    const answers = await stage.settle(tokens.map((token) => stage.ask(subject, token)))
    if (MINUTES.some((one) => one === next))
      accepted.set(next, answers.filter((each) => each.accepted).length)
    await stage.time.still(20)
    // oxlint-enable no-await-in-loop
  }
  return accepted
}

async function accepts(stage: Stage, subject: Subject, key: Key): Promise<boolean> {
  const [answer] = await stage.settle([stage.ask(subject, await stage.token(key))])
  return answer?.accepted === true
}
