import { expect, test } from 'vitest'
import type { Contender, Setup } from './contender.js'
import { core } from './contenders/ours.js'
import { run } from './run.js'
import { TABLE } from './table/index.js'

const HOUR_MS = 3_600_000

/** Ways to take a promise away from ours, and the rows that must notice. */
const WAYS: readonly { readonly what: string; readonly more: Setup['more']; readonly notice: RegExp }[] = [
  {
    what: 'no stale keys',
    more: { keySet: { staleIfErrorMs: 0 } },
    notice: /^(?:503|429|404|half a document|reset in the body|connections refused), 10 min/,
  },
  {
    what: 'no answer while keys are fetched',
    more: { keySet: { staleWhileRevalidateMs: 0 } },
    notice: /^hung (?:before the headers|in the body), 10 min/,
  },
  {
    what: 'stale keys for a day',
    more: { keySet: { staleIfErrorMs: 24 * HOUR_MS } },
    notice: /^503, 70 min/,
  },
  { what: 'keys fresh for an hour', more: { keySet: { ttlMs: HOUR_MS } }, notice: /^key withdrawn/ },
  {
    what: 'a fetch as short as others have',
    more: { keySet: { fetchTimeoutMs: 5_000 } },
    notice: /answers after 8 s$/,
  },
  {
    what: 'redirects followed',
    more: { fetch: (url, init) => fetch(url, { ...init, redirect: 'follow' }) },
    notice: /^302/,
  },
  {
    what: 'bodies read whole',
    more: {
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        return new Response(await response.arrayBuffer(), response)
      },
    },
    notice: /^30 MiB with/,
  },
  {
    what: 'a fetch that does not end',
    more: { keySet: { fetchTimeoutMs: 60_000 } },
    notice: /when it comes back hangs$/,
  },
]

test.each(WAYS.map((way) => [way.what, way] as const))(
  '%s: the table notices',
  async (_, { more, notice }) => {
    const crippled: Contender = {
      ...core,
      make: (setup) => core.make({ ...setup, more: { ...more, ...setup.more } }),
    }
    const rows = Object.values(TABLE)
      .flat()
      .filter(({ fault }) => notice.test(fault))
    const held: string[] = []
    for (const row of rows) {
      // oxlint-disable-next-line no-await-in-loop -- the clocks are those of the process
      const result = await run(row, crippled)
      if (result?.held === true) held.push(row.fault)
    }
    expect(rows).not.toEqual([])
    expect(held).toEqual([])
  },
)
