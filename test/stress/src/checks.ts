import type { FetchCount, Stretches } from './fetch-bound.js'
import type { Figures } from './run.js'

/** One thing that must hold, and the figures that say whether it does. */
export interface Check {
  readonly name: string
  readonly passed: boolean
  readonly detail: string
}

/** How much the heap may grow, in percent: in ten minutes, and in a run too short for the code to be warm. */
const GROWTH = { long: 5, short: 10 } as const
const LONG_RUN_SECONDS = 600

/** How many shots may start late, in percent. */
const LATE_PERCENT = 10

/** What a run must have met, or it says nothing. */
const STATES = ['EMPTY', 'FRESH', 'AHEAD', 'SWR', 'MUST_REVALIDATE']
const EVENTS = [
  'keys.refreshed',
  'keys.changed',
  'keys.outage',
  'keys.recovered',
  'keys.suppressed',
  'keys.unknown',
]
const FATES = ['answers', 'not modified', 'hangs', 'fails']

/** Judges the figures of a run. */
export function checksOf(figures: Figures): Check[] {
  return [
    schedule,
    verdicts,
    waits,
    rotations,
    fetches,
    discoveries,
    coverage,
    status,
    outages,
    heap,
    silence,
    ending,
  ].map((check) => check(figures))
}

function schedule({ late, rows }: Figures): Check {
  const sent = sum(rows, 'sent')
  return {
    name: 'the load went by schedule: where not, the machine is too busy for the other checks',
    passed: late.shots <= (sent * LATE_PERCENT) / 100,
    detail: `${late.shots} of ${sent} started late, the latest by ${late.worstMs} ms`,
  }
}

function sum(rows: Figures['rows'], name: 'sent' | 'wrong'): number {
  return Object.values(rows).reduce((total, row) => total + row[name], 0)
}

function verdicts({ rows, wrong }: Figures): Check {
  const bad = sum(rows, 'wrong')
  const detail = [`${bad} of ${sum(rows, 'sent')}`, ...wrong].join('; ')
  return { name: 'no wrong verdict', passed: bad === 0, detail }
}

function waits({ server: { counts } }: Figures): Check {
  return {
    name: 'a good token with a known key never waits for the network',
    passed: counts.waited === 0 && counts.known > 0,
    detail: `${counts.waited} of ${counts.known}; the longest took ${counts.longestTicks} ticks of the event loop`,
  }
}

function rotations({ healings }: Figures): Check {
  const slow = healings.filter(({ tookMs, boundMs }) => tookMs > boundMs)
  const worst = (announced: boolean): string => {
    const some = healings.filter((healing) => healing.announced === announced)
    const took = some.toSorted((a, b) => b.tookMs - a.tookMs)[0]
    return took === undefined
      ? '0'
      : `${some.length}, the slowest ${took.tookMs} of at most ${took.boundMs} ms`
  }
  return {
    name: 'a new key is learnt within its bound',
    passed: slow.length === 0 && healings.length > 0,
    detail: `announced: ${worst(true)}; at once: ${worst(false)}`,
  }
}

function fetches({ fetches: { jwks } }: Figures): Check {
  return boundOf('fetches of the JWKS are within their bound in every stretch of time', jwks)
}

function discoveries({ fetches: { metadata } }: Figures): Check {
  return boundOf('so are fetches of the metadata', metadata)
}

function boundOf(name: string, stretches: Stretches | undefined): Check {
  if (stretches === undefined) return { name, passed: false, detail: 'none' }
  const { whole, nearest } = stretches
  const detail = `in all ${inWords(whole)}; nearest to the bound ${inWords(nearest)}`
  return { name, passed: nearest.count <= nearest.bound, detail }
}

function inWords({ count, bound, seconds }: FetchCount): string {
  return `${count} of at most ${bound} in ${seconds.toFixed(1)} s`
}

function coverage({ options, accepted, rows, server, fetches: { fates }, healings }: Figures): Check {
  const missing = [
    ...STATES.filter((state) => !server.states[state]),
    ...EVENTS.filter((event) => !server.events[event]),
    ...FATES.filter((fate) => !fates[fate]),
    ...options.adapters.filter((adapter) => !accepted[adapter]),
    ...Object.entries(rows).flatMap(([name, { sent }]) => (sent > 0 ? [] : [name])),
    ...(server.counts.forced > 0 ? [] : ['forced fetches']),
    ...(healings.some(({ announced }) => announced) ? [] : ['announced changes']),
    ...(healings.some(({ announced }) => !announced) ? [] : ['changes at once']),
  ]
  const detail = missing.length > 0 ? `not met: ${missing.join(', ')}` : list(server.states)
  return { name: 'the run met every state, event and fault', passed: missing.length === 0, detail }
}

function status({ server: { status: seen } }: Figures): Check {
  return {
    name: 'status() never throws and never contradicts itself',
    passed: seen.faulty === 0 && seen.samples > 0,
    detail: [`${seen.faulty} faults in ${seen.samples} samples`, ...seen.faults].join('; '),
  }
}

function outages({ server: { events, story } }: Figures): Check {
  const ended = events['keys.recovered'] ?? 0
  const begun = story.length - ended
  return {
    name: 'every outage that the events tell of ends',
    passed: ended > 0 && begun >= ended && story.at(-1)?.includes('recovered') === true,
    detail: story.join(' | '),
  }
}

function heap({ options: { seconds }, heap: { afterSeconds, beforeBytes, endBytes } }: Figures): Check {
  const limit = seconds < LONG_RUN_SECONDS ? GROWTH.short : GROWTH.long
  const growth = (endBytes / beforeBytes - 1) * 100
  const sizes = `${kib(beforeBytes)} after ${afterSeconds} s, ${kib(endBytes)} after ${seconds} s`
  return {
    name: `the heap after two collections grows by less than ${limit} %`,
    passed: growth < limit,
    detail: `${sizes}: ${growth.toFixed(1)} %`,
  }
}

function silence({ server: { telling }, ending: { complained } }: Figures): Check {
  return {
    name: 'no event tells of a token, and the server writes nothing',
    passed: telling === 0 && complained === 0,
    detail: `${telling} events, ${complained} characters`,
  }
}

function ending({ ending: { killed, code, tookMs, open } }: Figures): Check {
  return {
    name: 'after close() nothing is open, and the process ends',
    passed: !killed && code === 0 && open.length === 0,
    detail: `${killed ? 'killed' : `exit code ${code}`} after ${Math.round(tookMs)} ms; open: ${open.join(', ') || 'nothing'}`,
  }
}

function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
