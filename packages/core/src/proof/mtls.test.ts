import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import type { Peer, RequestView } from '../request.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { mtls, type MtlsOptions } from './mtls.js'
import type { ProofMethod } from './proof-method.js'

const FIELD = { header: 'Client-Cert', format: 'rfc9440', trustedProxies: ['10.0.0.0/8'] } as const

// As far as is looked at: a SEQUENCE of three bytes.
const CERTIFICATE = new Uint8Array([0x30, 3, 1, 2, 3])
const HASH = createHash('sha256').update(CERTIFICATE).digest('base64url')
const WRITTEN = `:${Buffer.from(CERTIFICATE).toString('base64')}:`

function methodOf(options: MtlsOptions): ProofMethod {
  return mtls(options)({ now: () => 0, baseUrl: undefined })
}

function requestOf(peer: Peer | undefined, ...values: readonly string[]): RequestView {
  return { method: 'GET', url: '/', peer, values: (name) => (name === 'client-cert' ? values : []) }
}

async function verdict(options: MtlsOptions, request: RequestView, hash: unknown = HASH): Promise<unknown> {
  return methodOf(options).check({ request, token: 'a.b.c', confirmation: { 'x5t#S256': hash } })
}

const PROVEN = { fields: undefined }
const refused = (detail: string): object => ({ code: 'proof_mismatch', detail })

describe('the method', () => {
  test('is one of Bearer, for x5t#S256, and adds nothing to a challenge', () => {
    expect(methodOf({ from: 'socket' })).toMatchObject({
      kind: 'mtls',
      scheme: 'Bearer',
      member: 'x5t#S256',
      required: false,
      challenge: [],
    })
    expect(methodOf({ from: 'socket', required: true }).required).toBe(true)
  })
})

describe('the certificate of the connection', () => {
  test('is the one that the token is bound to', async () => {
    const request = requestOf({ address: undefined, certificate: CERTIFICATE })
    expect(await verdict({ from: 'socket' }, request)).toEqual(PROVEN)
  })

  test.each([
    ['there is none', { address: '10.0.0.1', certificate: undefined }, 'came with no client certificate'],
    ['the runtime tells of no connection', undefined, 'came with no client certificate'],
  ])('is missing where %s, whatever a field says', async (_, peer, detail) => {
    expect(await verdict({ from: 'socket' }, requestOf(peer, WRITTEN))).toEqual(
      refused(`the request ${detail}`),
    )
  })

  test.each(['', `${HASH}=`, HASH.toUpperCase(), HASH.slice(1), [HASH], { 0: HASH }, null, 5])(
    'is another one than %j',
    async (hash) => {
      const request = requestOf({ address: undefined, certificate: CERTIFICATE })
      expect(await verdict({ from: 'socket' }, request, hash)).toEqual(
        refused('the token is bound to another certificate'),
      )
    },
  )
})

describe('the field of a proxy', () => {
  const proxy = { address: '10.1.2.3', certificate: undefined }

  test('has the certificate that the token is bound to, and that of the connection does not matter', async () => {
    expect(await verdict({ from: FIELD }, requestOf(proxy, WRITTEN))).toEqual(PROVEN)
    const other = { ...proxy, certificate: new Uint8Array([0x30, 0]) }
    expect(await verdict({ from: FIELD }, requestOf(other, WRITTEN))).toEqual(PROVEN)
  })

  test.each([
    [
      'no proxy',
      requestOf({ address: '192.0.2.1', certificate: CERTIFICATE }, WRITTEN),
      'came by no trusted proxy',
    ],
    ['nobody knows whom', requestOf(undefined, WRITTEN), 'came by no trusted proxy'],
    ['the proxy, without a certificate', requestOf(proxy), 'came with no client certificate'],
  ])('from %s proves nothing', async (_, request, detail) => {
    expect(await verdict({ from: FIELD }, request)).toEqual(refused(`the request ${detail}`))
  })

  test.each([['x'], [WRITTEN, WRITTEN]])('that cannot be read proves nothing: %j', async (...values) => {
    expect(await verdict({ from: FIELD }, requestOf(proxy, ...values))).toEqual(
      refused('the field of the client certificate cannot be read'),
    )
  })
})

describe('a wrong option', () => {
  test.each([
    [undefined, "mtls: got undefined. Pass { from: 'socket' } or { from: { header, … } }."],
    ['socket', 'mtls: got "socket". Pass { from'],
    [{ from: 'proxy' }, `mtls.from: got "proxy". Pass 'socket' or { header, format, trustedProxies }.`],
    [{ from: 'socket', required: 'yes' }, 'mtls.required: got "yes". Pass true or false.'],
    [{ from: 'socket', force: true }, 'mtls.force'],
    [{ from: { ...FIELD, header: '' } }, 'mtls.from.header: got "". Pass the name of a field'],
    [{ from: { ...FIELD, header: 'Client Cert' } }, 'mtls.from.header: got "Client Cert".'],
    [
      { from: { ...FIELD, format: 'pem' } },
      'mtls.from.format: got "pem". Pass one of: rfc9440, xfcc, pem-escaped, pem-url.',
    ],
    [{ from: { ...FIELD, trustedProxies: [] } }, 'mtls.from.trustedProxies: got an empty array.'],
    [{ from: { ...FIELD, trusted: [] } }, 'mtls.from.trusted'],
  ])('is a ConfigError: %j', (options, message) => {
    const make = (): unknown => mtls(options as MtlsOptions)
    expect(isConfigError(thrownBy(make))).toBe(true)
    expect(messageOf(make)).toContain(message)
  })
})
