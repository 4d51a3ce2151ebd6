import { randomBytes } from 'node:crypto'
import { isChosen, type RunOptions } from './arguments.js'
import type { Contender } from './contender.js'
import { bareVerify, noop, subtleVerify } from './contenders/limits.js'
import { byValue, ours } from './contenders/ours.js'
import { peers } from './contenders/peers.js'
import { mint, mintAll } from './mint.js'
import { playerOf, type Shape } from './player.js'
import { makeSigner, type Algorithm, type Policy, type Signer } from './policy.js'
import { reportOf, type Figure, type Report, type RowReport } from './report.js'
import { netOf, ratioOf, spreadOf } from './statistics.js'
import { Supply } from './supply.js'
import { takeTurns, type Times } from './turns.js'
import { accepts, vet, type Expulsion } from './vet.js'

/** One row: which tokens, in which shape, and who is compared with whom. */
interface Row {
  readonly name: string
  readonly alg: Algorithm
  readonly shape: Shape
  readonly again: boolean
  /** Whose figure of the same round the others are divided by. */
  readonly base?: string
  readonly contenders: readonly Contender[]
  tokens(signer: Signer, count: number): readonly string[]
}

const TOKENS = 10_000
const ROUNDS = 60
const WARM_MS = 200
const HOT = 32
const IN_FLIGHT = 100
/** A turn with many in flight begins and ends with few: it is longer, so that this matters less. */
const IN_FLIGHT_SLICES = 4

const HOUR = 3_600

const ROWS: readonly Row[] = [
  firstSight('RS256'),
  firstSight('ES256'),
  firstSight('EdDSA'),
  firstSight('HS256'),
  inFlight('ES256'),
  inFlight('EdDSA'),
  {
    name: `seen before · ${HOT} tokens in turn · RS256`,
    alg: 'RS256',
    shape: { kind: 'at once' },
    again: true,
    base: 'fast-jwt with cache',
    contenders: [noop, ...ours, ...peers],
    tokens: (signer) => mintAll(signer, HOT),
  },
  refused('not a JWT', () => randomBytes(32).toString('base64url')),
  refused('an algorithm that is not allowed', (signer) => mint(signer, { header: { alg: 'HS256' } })),
  refused('expired', (signer) => mint(signer, { claims: { exp: Math.floor(Date.now() / 1000) - HOUR } })),
  refused('wrong issuer', (signer) => mint(signer, { claims: { iss: 'https://evil.example' } })),
  refused('unknown kid', (signer) => mint(signer, { header: { kid: randomBytes(6).toString('hex') } })),
]

function firstSight(alg: Algorithm): Row {
  return {
    name: `first sight · one in flight · ${alg}`,
    alg,
    shape: { kind: 'in turn' },
    again: false,
    base: bareVerify.name,
    contenders: [noop, bareVerify, subtleVerify, ...ours, ...peers],
    tokens: mintAll,
  }
}

function inFlight(alg: Algorithm): Row {
  return {
    name: `first sight · ${IN_FLIGHT} in flight · ${alg}`,
    alg,
    shape: { kind: 'in flight', width: IN_FLIGHT },
    again: false,
    base: subtleVerify.name,
    contenders: [noop, bareVerify, subtleVerify, ...ours, ...peers],
    tokens: mintAll,
  }
}

function refused(what: string, bad: (signer: Signer) => string): Row {
  const [plain] = ours
  const all = [
    noop,
    byValue,
    ...(plain === undefined ? [] : [plain]),
    ...peers.filter(({ remembers }) => remembers === undefined),
  ]
  return {
    name: `refused · ${what} · RS256`,
    alg: 'RS256',
    shape: { kind: 'refused' },
    again: true,
    contenders:
      what === 'unknown kid' ? all.filter(({ kind, kids }) => kids === true || kind === 'noop') : all,
    tokens: (signer, count) => Array.from({ length: Math.min(count, 1_000) }, () => bad(signer)),
  }
}

/** Measures what a verdict costs in one process. */
export async function benchCore(options: RunOptions, tell: (line: string) => void): Promise<Report> {
  const rows = ROWS.filter(({ name }) => isChosen(name, options.rows))
  const reports: RowReport[] = []
  const thrownOut: Expulsion[] = []
  const signers = new Map(rows.map(({ alg }) => [alg, makeSigner(alg)]))
  const participants = new Set<Contender>()
  for (const row of rows) {
    const signer = signers.get(row.alg) ?? makeSigner(row.alg)
    // oxlint-disable no-await-in-loop -- one row after the other
    tell(`${row.name} …`)
    const vetted = await vet(chosen(row, options), signer, tell)
    const tokens = row.tokens(signer, options.tokens ?? TOKENS)
    const fooled = row.shape.kind === 'refused' ? await fooledBy(tokens, vetted.fit, signer.policy) : []
    for (const { name } of fooled) {
      const why = `accepts a token to refuse: ${row.name}`
      tell(`!!! THROWN OUT: ${name} ${why}`)
      thrownOut.push({ name, why })
    }
    thrownOut.push(...vetted.thrownOut)
    const fit = vetted.fit.filter((contender) => !fooled.includes(contender))
    for (const contender of fit) participants.add(contender)
    reports.push(await measure(row, fit, { signer, supply: new Supply(tokens), options }))
    // oxlint-enable no-await-in-loop
  }
  const { rounds = ROUNDS, sliceMs, clock, tokens = TOKENS } = options
  const settings = { rounds, sliceMs, clock, tokens }
  return reportOf({ kind: 'core', settings, thrownOut: distinct(thrownOut), rows: reports }, [
    ...participants,
  ])
}

function chosen({ contenders, base, alg }: Row, { only }: RunOptions): readonly Contender[] {
  return contenders.filter(
    ({ name, kind, algorithms }) =>
      algorithms.includes(alg) &&
      (kind === 'noop' || kind === 'limit' || name === base || isChosen(name, only)),
  )
}

async function fooledBy(
  [token = '']: readonly string[],
  contenders: readonly Contender[],
  policy: Policy,
): Promise<readonly Contender[]> {
  const fooled: Contender[] = []
  for (const contender of contenders.filter(({ kind }) => kind !== 'noop')) {
    // oxlint-disable no-await-in-loop -- one after the other
    const check = await contender.make(policy)
    if (await accepts(check, contender.field ? `Bearer ${token}` : token)) fooled.push(contender)
    // oxlint-enable no-await-in-loop
  }
  return fooled
}

async function measure(
  row: Row,
  contenders: readonly Contender[],
  { signer, supply, options }: { signer: Signer; supply: Supply; options: RunOptions },
): Promise<RowReport> {
  const { name, shape, again } = row
  const wide = shape.kind === 'in flight'
  const players = contenders.map((each) => playerOf(each, { policy: signer.policy, supply, shape, again }))
  const times = await takeTurns(players, {
    rounds: options.rounds ?? ROUNDS,
    sliceMs: options.sliceMs * (wide ? IN_FLIGHT_SLICES : 1),
    warmMs: WARM_MS,
    clock: options.clock,
    step: wide ? IN_FLIGHT : 1,
  })
  const base = contenders.find((contender) => contender.name === row.base)?.name
  return { row: name, unit: 'µs, net of noop', base, figures: figuresOf(base, contenders, times) }
}

function figuresOf(
  base: string | undefined,
  contenders: readonly Contender[],
  times: Times,
): readonly Figure[] {
  const empty = times.get(noop.name) ?? []
  const net = (name: string): readonly number[] => netOf(times.get(name) ?? [], empty)
  const figures = contenders.map(({ name, kind }): Figure => {
    if (kind === 'noop') return { name, kind, value: spreadOf(empty) }
    return {
      name,
      kind,
      value: spreadOf(net(name)),
      ratio: base === undefined ? undefined : ratioOf(net(name), net(base)),
    }
  })
  return figures.toSorted((a, b) => a.value.median - b.value.median)
}

function distinct(expulsions: readonly Expulsion[]): readonly Expulsion[] {
  return [...new Map(expulsions.map((each) => [`${each.name} ${each.why}`, each])).values()]
}
