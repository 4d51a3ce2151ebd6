import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Served } from '../conformance/adapters/adapter.js'
import { ADAPTERS } from '../conformance/adapters/index.js'
import { protect } from '../conformance/support/app.js'
import { exchange } from '../conformance/support/http.js'
import { eventsOf } from '../conformance/support/table.js'
import { KINDS, type Lines } from './hostile-headers.js'
import { pageBlocks, startProxy, type Proxy } from './proxy.js'

/** Of a Node server that is not told otherwise. The proxies of the page take twice as much. */
const NODE_LIMIT = 16_384

/** What a proxy says, or Node, or one of ours. */
const REFUSALS = [400, 401, 431]

// As on the page, and as lenient as each can be made.
const PROXIES = [
  { proxy: 'nginx', name: 'nginx', configuration: page('nginx') },
  {
    proxy: 'nginx that drops no field',
    name: 'nginx',
    configuration: page('nginx').replace(
      'location /',
      'underscores_in_headers on; ignore_invalid_headers off; location /',
    ),
  },
  { proxy: 'HAProxy', name: 'haproxy', configuration: page('haproxy') },
  {
    proxy: 'HAProxy that takes invalid requests',
    name: 'haproxy',
    configuration: page('haproxy').replace('mode http', 'mode http\n  option accept-invalid-http-request'),
  },
] as const

describe.each(ADAPTERS)('$name', (adapter) => {
  const app = protect()
  let api: Served

  beforeAll(async () => {
    api = await adapter.serve(app, 'plain', NODE_LIMIT)
  })

  afterAll(() => api.close())

  beforeEach(() => {
    app.events.length = 0
    app.runs = 0
  })

  describe.each(PROXIES)('behind $proxy', ({ name, configuration }) => {
    let proxy: Proxy

    beforeAll(async () => {
      proxy = await startProxy(name, configuration, Number(new URL(api.url).port))
    })

    afterAll(() => proxy.stop())

    /** Gives whom the handler was run for, or that the request was refused before it. */
    async function verdictOn({ headers }: Lines): Promise<string> {
      const { status, body } = await exchange(`${proxy.url}/thing`, { headers })
      const runs = `${status}, ${app.runs} runs, ${eventsOf(app, 'authenticated').length} tokens verified`
      if (runs === '200, 1 runs, 1 tokens verified') return subjectOf(body)
      return REFUSALS.includes(status) && runs.endsWith(' 0 runs, 0 tokens verified') ? 'refused' : runs
    }

    describe.each(KINDS)('$kind fields', ({ refuses, keeps, accepts }) => {
      test.each(refuses)('refuses $name', async (lines) => {
        expect(await verdictOn(lines)).toBe('refused')
      })

      test.each(keeps)("keeps to the caller's own token, or refuses, with $name", async (lines) => {
        expect(['user-1', 'refused']).toContain(await verdictOn(lines))
      })

      test.each(accepts)('accepts $name', async (lines) => {
        expect(await verdictOn(lines)).toBe('user-1')
      })
    })
  })
})

function subjectOf(body: string): string {
  const { auth } = JSON.parse(body) as { readonly auth: { readonly subject: string } }
  return auth.subject
}

function page(name: 'nginx' | 'haproxy'): string {
  const [configuration = ''] = pageBlocks(name)
  return configuration
}
