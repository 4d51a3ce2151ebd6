import { dpop, mtls, type CertificateField, type MtlsOptions, type ProofFactory } from '@require-jwt/core'
import { protect, type App } from '../support/app.js'
import { CERTIFICATE, certificateHash, derOf, OTHER_CERTIFICATE } from '../support/certificates.js'
import type { Line, Sent } from '../support/http.js'
import { BASE, CLIENT, proofFor, proven, thumbprintOf } from '../support/proofs.js'
import { each, on, type Cases, type Row } from '../support/table.js'
import { mint } from '../support/tokens.js'

const LOOPBACK = ['127.0.0.0/8', '::1']
const HASH = certificateHash(CERTIFICATE)

const BOUND = mint({ cnf: { 'x5t#S256': HASH } })
const PLAIN = mint()
const BOTH = mint({ cnf: { 'x5t#S256': HASH, jkt: thumbprintOf(CLIENT) } })

/** A proxy on loopback, which is where the requests of the table come from. */
function field(more: Partial<CertificateField> = {}): CertificateField {
  return { header: 'Client-Cert', format: 'rfc9440', trustedProxies: LOOPBACK, ...more }
}

function app(from: MtlsOptions['from'], ...more: readonly ProofFactory[]): App {
  return protect({ baseUrl: BASE, proofs: [mtls({ from }), ...more] })
}

const api = on(app(field()))
const required = on(protect({ proofs: [mtls({ from: field(), required: true })] }))
const socket = on(app('socket'))
const both = on(app(field(), dpop('allowed')))
const dpopAlone = on(protect({ baseUrl: BASE, proofs: [dpop('allowed')] }))

const sequence = (pem: string): string => `:${derOf(pem).toString('base64')}:`

/** A bearer token, and fields of a proxy. */
function by(token: string, ...lines: readonly Line[]): Sent {
  return { headers: [['Authorization', `Bearer ${token}`], ...lines] }
}

const CERT: Line = ['Client-Cert', sequence(CERTIFICATE)]

/** How other proxies write a certificate. */
const FORMATS: Readonly<Record<string, readonly [CertificateField, write: (pem: string) => string]>> = {
  Envoy: [
    field({ header: 'X-Forwarded-Client-Cert', format: 'xfcc' }),
    (pem) => `Hash=${'0'.repeat(64)};Cert="${encodeURIComponent(pem)}";Subject="CN=\\"a, b\\"";URI=`,
  ],
  nginx: [field({ header: 'X-SSL-Cert', format: 'pem-escaped' }), encodeURIComponent],
  'the load balancer of AWS': [
    field({ header: 'X-Amzn-Mtls-Clientcert-Leaf', format: 'pem-url' }),
    (pem) => encodeURIComponent(pem).replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '='),
  ],
}

const formats = Object.entries(FORMATS).map(
  ([name, [from, write]]): readonly [string, Cases, (pem: string) => Line] => [
    name,
    on(app(from)),
    (pem) => [from.header, write(pem)],
  ],
)

const OFFER = 'DPoP algs="ES256 ES384 EdDSA Ed25519 PS256 RS256"'
const INVALID = 'error="invalid_token", error_description="The access token is not valid here"'

/** The error of a token that came under the scheme DPoP. */
function underDpop(): { readonly challenge: string } {
  return { challenge: `Bearer realm="api", ${OFFER.replace('algs', `${INVALID}, algs`)}` }
}

/** The error of a token that came as a bearer token, where DPoP is offered as well. */
function asBearer(): { readonly challenge: string } {
  return { challenge: `Bearer realm="api", ${INVALID}, ${OFFER}` }
}

const NO_PROOF = OFFER.replace(
  'algs',
  'error="invalid_dpop_proof", error_description="The DPoP proof is not valid for this request", algs',
)

/** Section "Mutual TLS". */
export const mtlsRows: readonly Row[] = [
  {
    rules: ['MT-01', 'MT-02'],
    about: 'a token that is bound to a certificate is good with this certificate only',
    refuses: [
      api.refuse(
        'another certificate',
        by(BOUND, ['Client-Cert', sequence(OTHER_CERTIFICATE)]),
        'proof_mismatch',
      ),
      api.refuse('no certificate', BOUND, 'proof_mismatch'),
      api.refuse(
        'a token that is bound to another one',
        by(mint({ cnf: { 'x5t#S256': 'A'.repeat(43) } }), CERT),
        'proof_mismatch',
      ),
      api.refuse(
        'a binding that is no text',
        by(mint({ cnf: { 'x5t#S256': [HASH] } }), CERT),
        'proof_mismatch',
      ),
      required.refuse(
        'a token that is bound to none, where one is demanded',
        by(PLAIN, CERT),
        'proof_required',
      ),
      socket.refuse(
        'a field, where the certificate is that of the connection',
        by(BOUND, CERT),
        'proof_mismatch',
      ),
    ],
    accepts: [
      api.accept('its own certificate', by(BOUND, CERT), { proof: 'mtls', subject: 'user-1' }),
      api.accept('a token that is bound to none, with a certificate', by(PLAIN, CERT), { proof: 'none' }),
      required.accept('its own certificate, where one is demanded', by(BOUND, CERT), { proof: 'mtls' }),
    ],
  },
  {
    rules: ['MT-04'],
    about: 'Client-Cert is one byte sequence with one certificate',
    refuses: [
      ...each(
        {
          'without colons': sequence(CERTIFICATE).slice(1, -1),
          'cut off': `${sequence(CERTIFICATE).slice(0, -9)}:`,
          'two in one field': `${sequence(CERTIFICATE)}, ${sequence(CERTIFICATE)}`,
          PEM: encodeURIComponent(CERTIFICATE),
          'no base64': ':é:',
          empty: '',
        },
        (name, value) => api.refuse(name, by(BOUND, ['Client-Cert', value]), 'proof_mismatch'),
      ),
      api.refuse('two fields', by(BOUND, CERT, CERT), 'proof_mismatch'),
      api.refuse('another field', by(BOUND, ['Client-Certificate', sequence(CERTIFICATE)]), 'proof_mismatch'),
    ],
    accepts: [
      api.accept('one', by(BOUND, CERT), { proof: 'mtls' }),
      api.accept('the name of the field in another case', by(BOUND, ['client-cert', sequence(CERTIFICATE)]), {
        proof: 'mtls',
      }),
    ],
  },
  {
    rules: ['MT-05'],
    about: 'the field counts only where it comes from a trusted proxy',
    refuses: [
      on(app(field({ trustedProxies: ['192.0.2.1', '2001:db8::/32'] }))).refuse(
        'the certificate, from somebody else',
        by(BOUND, CERT),
        'proof_mismatch',
      ),
      on(app(field({ trustedProxies: ['192.0.2.1'] }))).refuse(
        'the certificate, from somebody who says to be the proxy',
        by(BOUND, CERT, ['X-Forwarded-For', '192.0.2.1'], ['Forwarded', 'for=192.0.2.1']),
        'proof_mismatch',
      ),
    ],
    accepts: [
      on(app(field({ trustedProxies: ['192.0.2.1', '127.0.0.1', '::1'] }))).accept(
        'the certificate, from the proxy',
        by(BOUND, CERT),
        {
          proof: 'mtls',
        },
      ),
    ],
  },
  {
    rules: ['MT-06'],
    about: 'the fields of other proxies are read as they write them',
    refuses: formats.map(([name, cases, line]) =>
      cases.refuse(`another certificate, by ${name}`, by(BOUND, line(OTHER_CERTIFICATE)), 'proof_mismatch'),
    ) as unknown as Row['refuses'],
    accepts: formats.map(([name, cases, line]) =>
      cases.accept(`the certificate, by ${name}`, by(BOUND, line(CERTIFICATE)), { proof: 'mtls' }),
    ) as unknown as Row['accepts'],
  },
  {
    rules: ['MT-08'],
    about: 'a token that is bound in two ways is proven in both',
    refuses: [
      both.refuse('the proof without the certificate', proven(BOTH), 'proof_mismatch', underDpop()),
      both.refuse('the certificate without the proof', by(BOTH, CERT), 'proof_required', asBearer()),
      both.refuse(
        'the certificate under the scheme DPoP, without the proof',
        { headers: [['Authorization', `DPoP ${BOTH}`], CERT] },
        'dpop_proof_invalid',
        { challenge: `Bearer realm="api", ${NO_PROOF}` },
      ),
      dpopAlone.refuse(
        'the proof, where certificates are not checked',
        proven(BOTH),
        'proof_required',
        underDpop(),
      ),
      api.refuse('the certificate, where proofs are not checked', by(BOTH, CERT), 'proof_required'),
    ],
    accepts: [
      both.accept(
        'the proof and the certificate',
        {
          headers: [['Authorization', `DPoP ${BOTH}`], CERT],
          linesFor: (path) => [['DPoP', proofFor(BOTH, path)]],
        },
        { subject: 'user-1' },
      ),
      api.accept(
        'the certificate, beside a member that nobody knows',
        by(mint({ cnf: { 'x5t#S256': HASH, foo: 'x' } }), CERT),
        {
          proof: 'mtls',
        },
      ),
    ],
  },
]
