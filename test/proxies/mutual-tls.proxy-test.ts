import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mtls } from '@require-jwt/express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Served } from '../conformance/adapters/adapter.js'
import { ADAPTERS } from '../conformance/adapters/index.js'
import { protect } from '../conformance/support/app.js'
import { certificateHash } from '../conformance/support/certificates.js'
import { eventsOf } from '../conformance/support/table.js'
import { mint } from '../conformance/support/tokens.js'
import { createAuthority, type Identity } from '../interop/mtls/certificates.js'
import { createTlsClient } from '../interop/mtls/tls-client.js'
import { startProxy, type Proxy } from './proxy.js'

const authority = await createAuthority()
const server = await authority.issue('a proxy', '127.0.0.1')
const a = await authority.issue('client-a')
const b = await authority.issue('client-b')
const token = mint({ cnf: { 'x5t#S256': certificateHash(a.cert) } })

/** The two lines that the recipe names. */
const ASK = 'ssl_verify_client optional_no_ca;'
const HAND_ON = 'proxy_set_header X-Client-Cert $ssl_client_escaped_cert;'

const folder = mkdtempSync(join(tmpdir(), 'require-jwt-mtls-'))
const [certFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')]

function configuration(pass: string, upstream = ''): string {
  return `
    ${upstream}
    server {
      listen 8080 ssl;
      ssl_certificate ${certFile};
      ssl_certificate_key ${keyFile};
      ${ASK}

      location / {
        ${pass}
        ${HAND_ON}
      }
    }`
}

const PROXIES = [
  { proxy: 'nginx', block: configuration('proxy_pass http://127.0.0.1:3000;') },
  {
    // All clients share one connection to the API.
    proxy: 'nginx that keeps its connection to the API',
    block: configuration(
      'proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection "";',
      'upstream api { server 127.0.0.1:3000; keepalive 1; }',
    ),
  },
] as const

beforeAll(() => {
  writeFileSync(certFile, server.cert)
  writeFileSync(keyFile, server.key, { mode: 0o600 })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the proxy is configured as the page says', () => {
  const page = readFileSync(new URL('../../docs/recipes/mutual-tls.md', import.meta.url), 'utf8')
  expect(page).toContain(`\`${ASK}\``)
  expect(page).toContain(`\`${HAND_ON}\``)
})

describe.each(ADAPTERS)('$name', (adapter) => {
  const app = protect({
    proofs: [
      mtls({ from: { header: 'X-Client-Cert', format: 'pem-escaped', trustedProxies: ['127.0.0.1'] } }),
    ],
  })
  let api: Served

  beforeAll(async () => {
    api = await adapter.serve(app, 'plain')
  })

  afterAll(() => api.close())

  describe.each(PROXIES)('behind $proxy', ({ block }) => {
    let proxy: Proxy

    beforeAll(async () => {
      proxy = await startProxy('nginx', block, Number(new URL(api.url).port))
    })

    afterAll(() => proxy.stop())

    /** Gives the proof with which the handler was run, or that the request was refused before it. */
    async function verdictOn(identity: Identity | undefined, headers?: OutgoingHttpHeaders): Promise<string> {
      const before = { runs: app.runs, refusals: eventsOf(app, 'rejected').length }
      const client = createTlsClient({ ca: authority.ca, identity })
      try {
        const { status, body } = await client.send(`${proxy.url.replace('http:', 'https:')}/thing`, {
          headers: { authorization: `Bearer ${token}`, ...headers },
        })
        const runs = app.runs - before.runs
        if (status === 200 && runs === 1) return proofOf(body)
        const codes = eventsOf(app, 'rejected').slice(before.refusals)
        return [status, `${runs} runs`, ...codes.map(({ code }) => code)].join(', ')
      } finally {
        client.close()
      }
    }

    const REFUSED = '401, 0 runs, proof_mismatch'

    test('accepts a token with its certificate', async () => {
      expect(await verdictOn(a)).toBe('mtls')
    })

    test.each([
      ['another certificate', b],
      ['no certificate', undefined],
    ])('refuses it with %s', async (_which, identity) => {
      expect(await verdictOn(identity)).toBe(REFUSED)
    })

    describe.each([
      ['with another certificate', b],
      ['with no certificate', undefined],
    ])('refuses it %s, where the client writes the right one', (_which, identity) => {
      test.each(Object.entries(forged(a)))('%s', async (_where, headers) => {
        expect(await verdictOn(identity, headers)).toBe(REFUSED)
      })
    })

    test.each(Object.entries(forged(b)))(
      'accepts it with its certificate, where the client writes another one %s',
      async (_where, headers) => {
        expect(await verdictOn(a, headers)).toBe('mtls')
      },
    )

    test('does not mix up clients that come one after the other', async () => {
      expect(await verdictOn(a)).toBe('mtls')
      expect(await verdictOn(b)).toBe(REFUSED)
      expect(await verdictOn(a)).toBe('mtls')
      expect(await verdictOn(undefined)).toBe(REFUSED)
    })
  })
})

function proofOf(body: string): string {
  const { auth } = JSON.parse(body) as { readonly auth: { readonly proof: string } }
  return auth.proof
}

/** Fields by which a client may try to pass for another one. */
function forged(identity: Identity): Readonly<Record<string, OutgoingHttpHeaders>> {
  const escaped = encodeURIComponent(identity.cert)
  return {
    'in the field of the proxy': { 'X-Client-Cert': escaped },
    'in this field in another case': { 'x-CLIENT-cert': escaped },
    'in this field twice': { 'X-Client-Cert': [escaped, escaped] },
    'in this field, behind another field': { 'X-Other': 'a', 'X-Client-Cert': escaped },
    'in this field with underscores': { X_Client_Cert: escaped },
    'in this field, which Connection names': { Connection: 'close, X-Client-Cert', 'X-Client-Cert': escaped },
    'in the field of RFC 9440': {
      'Client-Cert': `:${identity.cert.replaceAll(/-----[A-Z ]+-----|\s/g, '')}:`,
    },
  }
}
