import { isChosen, type RunOptions } from './arguments.js'
import { Load, requestOf, statusOf } from './load.js'
import { startLoopback, type Loopback } from './loopback.js'
import { hasMemo } from './memo.js'
import { mintAll } from './mint.js'
import type { Algorithm } from './policy.js'
import { reportOf, type Figure, type Report, type RowReport } from './report.js'
import { startServer, type ServerProcess } from './server-process.js'
import { SERVERS } from './servers/all.js'
import type { Framework, Server } from './servers/server.js'
import { ratioOf, spreadOf } from './statistics.js'
import { takeTurns, type Player, type Times } from './turns.js'
import { findFault, type Expulsion } from './vet.js'

/** One row: a framework, tokens, and how many requests are on their way at a time. */
interface Row {
  readonly name: string
  readonly framework: Framework
  readonly alg: Algorithm
  readonly connections: number
  /** Whether few tokens come again and again. */
  readonly again: boolean
}

/** A server that has passed, and its process. */
interface Running {
  readonly server: Server
  readonly process: ServerProcess
}

const TOKENS = 10_000
const ROUNDS = 20
const WARM_MS = 700
const HOT = 32
const FRAMEWORKS: readonly Framework[] = ['Express', 'Koa', 'Hono', 'Fastify']

const ROWS: readonly Row[] = FRAMEWORKS.flatMap((framework) => [
  row(framework, 'RS256', 32, true),
  row(framework, 'RS256', 1, false),
  row(framework, 'RS256', 32, false),
  row(framework, 'ES256', 1, false),
  row(framework, 'ES256', 32, false),
])

function row(framework: Framework, alg: Algorithm, connections: number, again: boolean): Row {
  const tokens = again ? `${HOT} tokens in turn` : 'first sight'
  const wide = connections === 1 ? '1 connection' : `${connections} connections`
  return { name: `${framework} · ${tokens} · ${wide} · ${alg}`, framework, alg, connections, again }
}

/** Measures how many requests per second servers answer. */
export async function benchHttp(options: RunOptions, tell: (line: string) => void): Promise<Report> {
  const rows = ROWS.filter(({ name }) => isChosen(name, options.rows))
  const reports: RowReport[] = []
  const thrownOut: Expulsion[] = []
  const participants = new Set<Server>()
  const groups = new Map(rows.map((each) => [`${each.framework} ${each.alg}`, each]))
  // oxlint-disable no-await-in-loop -- one after the other: they share the machine
  for (const { framework, alg } of groups.values()) {
    const issuer = await startLoopback(alg)
    const running = await startAll(serversOf(framework, options), issuer, thrownOut, tell)
    const requests = mintAll(issuer.signer, options.tokens ?? TOKENS).map(requestOf)
    for (const each of rows.filter((one) => one.framework === framework && one.alg === alg)) {
      tell(`${each.name} …`)
      reports.push(await measure(each, running, requests, options))
    }
    for (const { server, process } of running) {
      participants.add(server)
      await process.end()
    }
    issuer.close()
  }
  // oxlint-enable no-await-in-loop
  const { rounds = ROUNDS, sliceMs, tokens = TOKENS } = options
  const settings = { rounds, sliceMs, tokens }
  return reportOf({ kind: 'http', settings, thrownOut, rows: reports }, [...participants])
}

function serversOf(framework: Framework, { only }: RunOptions): readonly Server[] {
  const known = SERVERS.filter(({ name }) => hasMemo() || !OURS_WITH_MEMO.test(name))
  return known.filter(
    (server) =>
      server.framework === framework &&
      (server.kind === 'limit' || server.wrapper === true || isChosen(server.name, only)),
  )
}

const OURS_WITH_MEMO = / \+ require-jwt$/

async function startAll(
  servers: readonly Server[],
  { signer, where }: Loopback,
  thrownOut: Expulsion[],
  tell: (line: string) => void,
): Promise<readonly Running[]> {
  const running: Running[] = []
  for (const server of servers) {
    // oxlint-disable no-await-in-loop -- one after the other
    const process = await startServer({ name: server.name, where })
    const ask = async (token: string): Promise<boolean> =>
      (await statusOf(process.port, requestOf(token))) === 200
    const why = server.kind === 'limit' ? undefined : await findFault(ask, signer)
    if (why === undefined) {
      running.push({ server, process })
      continue
    }
    tell(`!!! THROWN OUT (${where.alg}): ${server.name} ${why}`)
    thrownOut.push({ name: server.name, why })
    await process.end()
    // oxlint-enable no-await-in-loop
  }
  return running
}

async function measure(
  { name, connections, again }: Row,
  running: readonly Running[],
  requests: readonly Buffer[],
  { rounds = ROUNDS, sliceMs }: RunOptions,
): Promise<RowReport> {
  const sent = again ? requests.slice(0, HOT) : requests
  const players = await Promise.all(
    running.map((each) => playerOf(each, { requests: sent, connections, again })),
  )
  const before = { cpu: process.cpuUsage(), time: performance.now() }
  const times = await takeTurns(players, {
    rounds,
    sliceMs,
    warmMs: WARM_MS,
    step: connections,
    clock: 'wall',
  })
  const { user, system } = process.cpuUsage(before.cpu)
  const busy = (user + system) / 1_000 / (performance.now() - before.time)
  for (const player of players) player.close()
  const limit = running.find(({ server }) => server.kind === 'limit')
  const wrapper = running.find(({ server }) => server.wrapper)
  const base = (again ? limit : wrapper)?.server.name
  return {
    row: name,
    unit: 'requests per second',
    base,
    note: `the load generator was busy ${Math.round(100 * busy)} % of the time`,
    figures: figuresOf(running, times, base),
  }
}

function figuresOf(running: readonly Running[], times: Times, base: string | undefined): readonly Figure[] {
  const rates = (name: string): readonly number[] => (times.get(name) ?? []).map((us) => 1_000_000 / us)
  const figures = running.map(({ server: { name, kind } }): Figure => ({
    name,
    kind,
    value: spreadOf(rates(name)),
    ratio: base === undefined ? undefined : ratioOf(rates(name), rates(base)),
  }))
  return figures.toSorted((a, b) => b.value.median - a.value.median)
}

interface Sending {
  readonly requests: readonly Buffer[]
  readonly connections: number
  readonly again: boolean
}

async function playerOf(
  { server, process }: Running,
  { requests, connections, again }: Sending,
): Promise<Player & { close(): void }> {
  const [probe = Buffer.alloc(0)] = requests
  const load = await Load.open(process.port, connections, probe)
  let next = again ? 0 : requests.length
  return {
    name: server.name,
    most: again ? Number.POSITIVE_INFINITY : requests.length - connections,
    async prepare(operations) {
      if (again || next + operations <= requests.length) return
      // No token is to come twice: all are forgotten, and the first ones, which fetch keys, are not timed.
      await process.renew()
      await load.send(requests, 0, connections)
      next = connections
    },
    async play(operations) {
      await load.send(requests, next, operations)
      next += operations
    },
    close: () => load.close(),
  }
}
