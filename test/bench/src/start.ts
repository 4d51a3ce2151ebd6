import { isChosen, type RunOptions } from './arguments.js'
import { requestOf, statusOf } from './load.js'
import { startLoopback, type Loopback } from './loopback.js'
import { mint } from './mint.js'
import { reportOf, type Figure, type Report, type RowReport } from './report.js'
import { startServer } from './server-process.js'
import { onExpress } from './servers/express.js'
import type { Server } from './servers/server.js'
import { netOf, shuffled, spreadOf } from './statistics.js'
import { findFault, type Expulsion } from './vet.js'

const ROUNDS = 20

/** Measures how long it is from the start of a process to its first verified request; the keys are to be fetched. */
export async function benchStart(options: RunOptions, tell: (line: string) => void): Promise<Report> {
  const issuer = await startLoopback('RS256')
  const servers = onExpress.filter(
    ({ name, kind }) => kind === 'limit' || (!name.endsWith('without memo') && isChosen(name, options.only)),
  )
  const { rounds = ROUNDS } = options
  const thrownOut: Expulsion[] = []
  const times = new Map<Server, number[]>()
  // oxlint-disable no-await-in-loop -- one process at a time
  for (const server of servers) {
    const why = server.kind === 'limit' ? undefined : await vetServer(server, issuer)
    if (why === undefined) times.set(server, [])
    else {
      tell(`!!! THROWN OUT: ${server.name} ${why}`)
      thrownOut.push({ name: server.name, why })
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    tell(`start, round ${round + 1} of ${rounds} …`)
    for (const [server, measured] of shuffled([...times])) measured.push(await startOnce(server, issuer))
  }
  // oxlint-enable no-await-in-loop
  issuer.close()
  const settings = { rounds }
  return reportOf({ kind: 'start', settings, thrownOut, rows: rowsOf(times) }, [...times.keys()])
}

async function vetServer(server: Server, { signer, where }: Loopback): Promise<string | undefined> {
  const { port, end } = await startServer({ name: server.name, where })
  const why = await findFault(async (token) => (await statusOf(port, requestOf(token))) === 200, signer)
  await end()
  return why
}

/** Milliseconds until the first 200. */
async function startOnce(server: Server, { signer, where }: Loopback): Promise<number> {
  const request = requestOf(mint(signer))
  const start = process.hrtime.bigint()
  const { port, end } = await startServer({ name: server.name, where })
  const status = await statusOf(port, request)
  const took = Number(process.hrtime.bigint() - start) / 1_000_000
  await end()
  if (status !== 200) throw new Error(`${server.name} answered its first request ${status}`)
  return took
}

function rowsOf(times: ReadonlyMap<Server, readonly number[]>): readonly RowReport[] {
  const [bare = []] = [...times].filter(([{ kind }]) => kind === 'limit').map(([, measured]) => measured)
  const figures = (value: (measured: readonly number[]) => readonly number[]): readonly Figure[] =>
    [...times]
      .map(([{ name, kind }, measured]) => ({ name, kind, value: spreadOf(value(measured)) }))
      .toSorted((a, b) => a.value.median - b.value.median)
  return [
    { row: 'start · until the first 200', unit: 'ms', figures: figures((measured) => measured) },
    {
      row: 'start · over the bare framework',
      unit: 'ms',
      figures: figures((measured) => netOf(measured, bare)).filter(({ kind }) => kind !== 'limit'),
    },
  ]
}
