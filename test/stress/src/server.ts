import { writeSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createVerifier, type AuthEvent, type Status } from '@require-jwt/core'
import { APPS } from './apps.js'
import { listen } from './listen.js'
import { KNOWN_HEADER, type Question, type Said, type ServerReport, type ServerSettings } from './messages.js'
import { plantIn } from './plants.js'
import { createProbe } from './probe.js'
import { AUDIENCE, fastClock, KEY_SET } from './settings.js'
import { statusFaults } from './status-faults.js'

// The process under test: the servers, their verifiers, and what measures them. `server-process.ts` starts it.

const SAMPLE_MS = 100
const FAULTS_SHOWN = 5

/** How tokens begin, and the subjects of the load. */
const TELLING = /eyJ|user-\d/

/** What standard streams are called as resources: a framework that asks for their width opens them. */
const STANDARD_STREAMS = ['PipeWrap', 'TTYWrap']

const { issuer, start, adapters, plant } = JSON.parse(process.argv[2] ?? '') as ServerSettings
const now = fastClock(start)
const states = new Map<string, number>()
const events = new Map<string, number>()
const story: string[] = []
const faults: string[] = []
let samples = 0
let telling = 0
let last: Status | undefined

const probe = createProbe(() => count(states, stateOf(verifiers[0]?.status())))

// One verifier for each framework: as many leases on one key source, and one allowance for all of them.
const verifiers = adapters.map((_, index) =>
  createVerifier({
    issuer,
    audience: AUDIENCE,
    now,
    fetch: probe.fetch,
    // Full within seconds: what grows after that is a leak, and tokens are forgotten all the time.
    signatureMemo: { maxEntries: 100 },
    keySet: plant === 'wait' ? { ...KEY_SET, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 } : KEY_SET,
    observer(event) {
      if (TELLING.test(JSON.stringify(event))) telling += 1
      // What happens to the keys is told to every lease, and counted once.
      if (index > 0 && event.type.startsWith('keys.')) return
      count(events, event.type)
      tell(event)
    },
  }),
)

const meet = plantIn(plant, issuer)
const servers = await Promise.all(
  verifiers.map((verifier, index) => {
    const app: RequestListener = APPS[adapters[index] ?? 'express'](verifier)
    const server = createServer((req, res) => {
      if (meet(req, res)) return
      if (req.headers[KNOWN_HEADER] !== undefined) res.once('finish', probe.begin())
      app(req, res)
    })
    return listen(server)
  }),
)

const sampling = setInterval(() => {
  samples += 1
  for (const verifier of verifiers) {
    try {
      const status = verifier.status()
      if (verifier === verifiers[0]) count(states, stateOf(status))
      faults.push(...statusFaults(status, last))
      last = status
    } catch (error) {
      faults.push(`status() threw ${String(error)}`)
    }
  }
}, SAMPLE_MS)

process.on('message', (question: Question) => {
  if (question === 'heap') say({ type: 'heap', bytes: heapBytes() })
  else if (question === 'report') say({ type: 'report', report: report() })
  else void close()
})
process.once('disconnect', leave)
say({ type: 'listening', urls: servers.map(({ url }) => url) })

function heapBytes(): number {
  if (gc === undefined) throw new Error('start with --expose-gc')
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

function report(): ServerReport {
  return {
    counts: probe.counts,
    status: { samples, faults: faults.slice(0, FAULTS_SHOWN), faulty: faults.length },
    states: Object.fromEntries(states),
    events: Object.fromEntries(events),
    telling,
    story,
  }
}

/** Ends at once: nobody is there any more to ask for it. */
function leave(): never {
  process.exit(1)
}

/** Gives back all there is, and leaves the process to end by itself. */
async function close(): Promise<void> {
  clearInterval(sampling)
  probe.stop()
  await Promise.all([...verifiers, ...servers].map((part) => part.close()))
  process.off('disconnect', leave)
  process.disconnect()
  process.once('exit', tellWhatIsOpen)
  // Holds nothing: it is reached only where something else does.
  setTimeout(tellWhatIsOpen, 1_000).unref()
}

function tellWhatIsOpen(): void {
  process.off('exit', tellWhatIsOpen)
  const open = process.getActiveResourcesInfo().filter((name) => !STANDARD_STREAMS.includes(name))
  writeSync(1, JSON.stringify(open))
}

function tell(event: AuthEvent): void {
  const at = `${seconds(now() - start)}: `
  if (event.type === 'keys.outage')
    story.push(`${at}${event.severity}, ${event.reason}, keys last ${seconds(event.remainingMs)}`)
  if (event.type === 'keys.recovered') story.push(`${at}recovered after ${seconds(event.outageMs)}`)
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function stateOf(status: Status | undefined): string {
  return status?.sources[0]?.state ?? 'none'
}

function say(said: Said): void {
  process.send?.(said)
}
