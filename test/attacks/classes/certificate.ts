import { createHash } from 'node:crypto'
import { mtls, type CertificateField, type ProofFactory } from '@require-jwt/core'
import { protect, TRUST } from '../../conformance/support/app.js'
import {
  CERTIFICATE,
  certificateHash,
  derOf,
  OTHER_CERTIFICATE,
} from '../../conformance/support/certificates.js'
import type { Line, Sent } from '../../conformance/support/http.js'
import { bound, CLIENT, proofFor, proven, thumbprintOf } from '../../conformance/support/proofs.js'
import { each, on, type Case, type Cases } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import type { Attack, SetUp } from '../attack.js'
import { casesOf, proving } from '../support/proving.js'

/** Where attacks come from. */
const LOOPBACK = ['127.0.0.0/8', '::1']

const HASH = certificateHash(CERTIFICATE)
const BOUND = mint({ cnf: { 'x5t#S256': HASH } })
const BOTH = mint({ cnf: { 'x5t#S256': HASH, jkt: thumbprintOf(CLIENT) } })
const KEY_ONLY = bound()
const PLAIN = mint()

function field(more: Partial<CertificateField> = {}): CertificateField {
  return { header: 'Client-Cert', format: 'rfc9440', trustedProxies: LOOPBACK, ...more }
}

function by(from: 'socket' | CertificateField, required = false): Cases {
  return on(protect({ proofs: [mtls({ from, required })] }))
}

const api = by(field())
const required = by(field(), true)
const socket = by('socket')
const envoy = by(field({ header: 'X-Forwarded-Client-Cert', format: 'xfcc' }))
const nginx = by(field({ header: 'X-SSL-Cert', format: 'pem-escaped' }))
const aws = by(field({ header: 'X-Amzn-Mtls-Clientcert-Leaf', format: 'pem-url' }))
const both = casesOf(proving('allowed', { beside: [mtls({ from: field() })] }))
const bothDemanded = casesOf(proving('allowed', { beside: [mtls({ from: field(), required: true })] }))

const OWN = sequence(derOf(CERTIFICATE))
const OTHER = sequence(derOf(OTHER_CERTIFICATE))
const OWN_PEM = encodeURIComponent(CERTIFICATE)
const OTHER_PEM = encodeURIComponent(OTHER_CERTIFICATE)
const CERT: Line = ['Client-Cert', OWN]

/** What stands in no certificate's place, though a token is bound to its hash. */
const NO_DER: Readonly<Record<string, Buffer>> = {
  'with trailing bytes': Buffer.concat([derOf(CERTIFICATE), Buffer.from('05000500', 'hex')]),
  'with the certificate after it': Buffer.concat([derOf(OTHER_CERTIFICATE), derOf(CERTIFICATE)]),
  'that is cut off': derOf(CERTIFICATE).subarray(0, -3),
  'with its length written too long': Buffer.from('30810400000000', 'hex'),
  'without a length': Buffer.from('30800000', 'hex'),
  'that is a set': Buffer.concat([Buffer.from('31', 'hex'), derOf(CERTIFICATE).subarray(1)]),
  'of 20 KiB': Buffer.concat([Buffer.from('30825000', 'hex'), Buffer.alloc(0x5000)]),
}

/** A certificate whose base64 has padding: what is in the sequence is not looked at. */
const SHORT = Buffer.from('30020500', 'hex')

const NO_SEQUENCE: Readonly<Record<string, string>> = {
  nothing: '',
  'another certificate': OTHER,
  'two certificates in one': `${OWN}, ${OTHER}`,
  'two certificates in one, the last of them good': `${OTHER}, ${OWN}`,
  'two certificates in one sequence': `${OWN.slice(0, -1)}${OTHER.slice(1)}`,
  'no colons': OWN.slice(1, -1),
  'base64url in it': OWN.replaceAll('+', '-').replaceAll('/', '_'),
  PEM: OWN_PEM,
  'the hash of the certificate': `:${HASH}:`,
  quotes: `"${OWN}"`,
}

const XFCC: Readonly<Record<string, string>> = {
  'another Cert': `Cert="${OTHER_PEM}"`,
  'no Cert': `Hash=${'0'.repeat(64)};Subject=""`,
  'two elements, the first of them by the caller': `Cert="${OWN_PEM}",Hash=${'0'.repeat(64)}`,
  'two elements, the last of them by the caller': `Hash=${'0'.repeat(64)},Cert="${OWN_PEM}"`,
  'two elements, each with a Cert': `Cert="${OWN_PEM}",Cert="${OTHER_PEM}"`,
  'two Certs in one element': `Cert="${OTHER_PEM}";Cert="${OWN_PEM}"`,
  'two Certs in two spellings': `cert="${OTHER_PEM}";Cert="${OWN_PEM}"`,
  'a Cert in a quoted Subject': `Hash=0;Subject="CN=a;Cert=${OWN_PEM};X="`,
  'a Cert in a quoted Subject, with quotes of its own': `Subject="CN=a\\";Cert=\\"${OWN_PEM}\\";X=\\"";Hash=0`,
  'a Cert behind a Subject that does not end': `Subject="CN=a;Cert="${OWN_PEM}"`,
  'a Cert behind a Subject with a quote in it': `Subject=CN="a";Cert="${OWN_PEM}"`,
  'a Cert, and something that is no pair': `Cert="${OWN_PEM}";;`,
  'a Chain': `Hash=0;Chain="${OWN_PEM}"`,
  'a name that ends in Cert': `Hash=0;XCert="${OWN_PEM}"`,
  'a byte sequence': OWN,
}

const PEMS: Readonly<Record<string, string>> = {
  'another certificate': OTHER_PEM,
  'two blocks': `${OWN_PEM}${OTHER_PEM}`,
  'two blocks, the last of them good': `${OTHER_PEM}${OWN_PEM}`,
  'text before the block': `${encodeURIComponent('subject=x\n')}${OWN_PEM}`,
  'text behind the block': `${OWN_PEM}x`,
  'a block that nobody escaped': CERTIFICATE.replaceAll('\n', ' ').trim(),
  'a block that was escaped twice': encodeURIComponent(OWN_PEM),
  'a broken escape': `${OWN_PEM}%E0%A4`,
  'a block of another kind': encodeURIComponent(CERTIFICATE.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')),
  'a block with trailing bytes': encodeURIComponent(CERTIFICATE.replace('\n-----END', 'BQA=\n-----END')),
}

export const certificate: Attack = {
  name: 'certificate',
  about:
    'a certificate is the one that the connection or a proxy of yours has shown, whatever a request says',
  source: 'RFC 8705 §3, RFC 9440 §4',
  refuses: [
    api.refuse('no certificate', BOUND, 'proof_mismatch'),
    ...each(NO_SEQUENCE, (name, value) =>
      api.refuse(`Client-Cert with ${name}`, sent(['Client-Cert', value]), 'proof_mismatch'),
    ),
    api.refuse('Client-Cert twice', sent(CERT, ['Client-Cert', OTHER]), 'proof_mismatch'),
    api.refuse(
      'Client-Cert twice, the last of them good',
      sent(['Client-Cert', OTHER], CERT),
      'proof_mismatch',
    ),
    api.refuse('Client-Cert twice in two spellings', sent(CERT, ['client-cert', OTHER]), 'proof_mismatch'),
    ...each(
      {
        'Client-Cert with an underscore': 'Client_Cert',
        'Client-Cert as CGI has it': 'HTTP_CLIENT_CERT',
        'Client-Cert-Chain': 'Client-Cert-Chain',
        'X-Client-Cert': 'X-Client-Cert',
        'X-Forwarded-Client-Cert': 'X-Forwarded-Client-Cert',
      },
      (name, header) => api.refuse(`the certificate in ${name}`, sent([header, OWN]), 'proof_mismatch'),
    ),
    ...each(NO_DER, (name, der) =>
      api.refuse(`DER ${name}`, withToken(boundTo(der), ['Client-Cert', sequence(der)]), 'proof_mismatch'),
    ),
    api.refuse(
      'base64 without its padding',
      withToken(boundTo(SHORT), ['Client-Cert', sequence(SHORT).replaceAll('=', '')]),
      'proof_mismatch',
    ),
    ...each<readonly string[]>(
      {
        'whom nobody trusts': ['192.0.2.1', '2001:db8::/32'],
        'next to one who is trusted': ['127.0.0.2', '127.0.0.0/32'],
        'whose address begins like one of IPv6': ['7f00:1::/32'],
      },
      (name, trustedProxies) =>
        by(field({ trustedProxies })).refuse(
          `the certificate, from somebody ${name}`,
          sent(CERT),
          'proof_mismatch',
        ),
    ),
    by(field({ trustedProxies: ['192.0.2.1'] })).refuse(
      'the certificate, from somebody who says to be the proxy',
      sent(
        CERT,
        ['X-Forwarded-For', '192.0.2.1'],
        ['Forwarded', 'for=192.0.2.1'],
        ['X-Real-IP', '192.0.2.1'],
        ['Via', '1.1 192.0.2.1'],
      ),
      'proof_mismatch',
    ),
    socket.refuse(
      'the certificate in a field, where it is that of the connection',
      sent(CERT),
      'proof_mismatch',
    ),
    ...each(XFCC, (name, value) =>
      envoy.refuse(
        `X-Forwarded-Client-Cert with ${name}`,
        sent(['X-Forwarded-Client-Cert', value]),
        'proof_mismatch',
      ),
    ),
    envoy.refuse(
      'X-Forwarded-Client-Cert twice',
      sent(['X-Forwarded-Client-Cert', `Cert="${OWN_PEM}"`], ['X-Forwarded-Client-Cert', 'Hash=0']),
      'proof_mismatch',
    ),
    ...each(PEMS, (name, value) =>
      nginx.refuse(`a PEM field with ${name}`, sent(['X-SSL-Cert', value]), 'proof_mismatch'),
    ),
    aws.refuse(
      'a PEM field with spaces for plus signs',
      sent(['X-Amzn-Mtls-Clientcert-Leaf', asAws().replaceAll('+', '%20')]),
      'proof_mismatch',
    ),
    ...each<unknown>(
      {
        'a list': [HASH],
        'the hash with padding': `${HASH}=`,
        'the hash in hexadecimal': createHash('sha256').update(derOf(CERTIFICATE)).digest('hex'),
        'an empty text': '',
        null: null,
      },
      (name, hash) =>
        api.refuse(
          `a token that is bound to ${name}`,
          withToken(mint({ cnf: { 'x5t#S256': hash } }), CERT),
          'proof_mismatch',
        ),
    ),
    required.refuse(
      'a token that is bound to no certificate, where one is demanded',
      withToken(PLAIN, CERT),
      'proof_required',
    ),
    remembered('another certificate, when the token was proven before', sent(['Client-Cert', OTHER])),
    remembered('no certificate, when the token was proven before', sent()),
    ...alsoDpop(),
  ],
  setUps: [
    ...Object.entries<readonly string[]>({
      'no proxy': [],
      'every proxy, by a star': ['*'],
      'a proxy by its name': ['proxy.internal'],
      'a range without a length': ['0.0.0.0/'],
      'a range that does not begin with its first address': ['127.0.0.1/8'],
    }).map(([name, trustedProxies]) => set(`${name} to trust`, field({ trustedProxies }), /trustedProxies/)),
    set(
      'a format that nobody knows',
      field({ format: 'pem' as string as CertificateField['format'] }),
      /format/,
    ),
    set('a name that no field has', field({ header: 'Client Cert' }), /header/),
  ],
  accepts: [
    api.accept('the certificate', sent(CERT), { proof: 'mtls' }),
    api.accept('the name of the field in another case', sent(['cLIENT-cERT', OWN]), { proof: 'mtls' }),
    api.accept(
      'fields of similar names beside it',
      sent(CERT, ['Client_Cert', OTHER], ['X-Client-Cert', OTHER]),
      {
        proof: 'mtls',
      },
    ),
    api.accept(
      'a short certificate, with padding',
      withToken(boundTo(SHORT), ['Client-Cert', sequence(SHORT)]),
      { proof: 'mtls' },
    ),
    api.accept('a token that is bound to none, with a certificate', withToken(PLAIN, CERT), {
      proof: 'none',
    }),
    required.accept('the certificate, where one is demanded', sent(CERT), { proof: 'mtls' }),
    by(field({ trustedProxies: ['192.0.2.1', '::ffff:127.0.0.0/104'] })).accept(
      'the certificate, from a proxy whose range is written as one of IPv6',
      sent(CERT, ['X-Forwarded-For', '198.51.100.7']),
      { proof: 'mtls' },
    ),
    ...each(
      {
        'nothing else': `Cert="${OWN_PEM}"`,
        'no quotes': `Cert=${OWN_PEM}`,
        'a name in another case': `CERT="${OWN_PEM}"`,
        'a Subject that looks like more': `Hash=0;Cert="${OWN_PEM}";Subject="CN=\\"a, b\\";Cert=x,O=c";URI=`,
      },
      (name, value) =>
        envoy.accept(`X-Forwarded-Client-Cert with ${name}`, sent(['X-Forwarded-Client-Cert', value]), {
          proof: 'mtls',
        }),
    ),
    nginx.accept('a PEM field', sent(['X-SSL-Cert', OWN_PEM]), { proof: 'mtls' }),
    nginx.accept('a PEM field in one line', sent(['X-SSL-Cert', OWN_PEM.replaceAll('%0A', '')]), {
      proof: 'mtls',
    }),
    aws.accept('a PEM field with plus signs', sent(['X-Amzn-Mtls-Clientcert-Leaf', asAws()]), {
      proof: 'mtls',
    }),
    both.accept('the proof and the certificate', () => ({ ...proven(BOTH), headers: underDpop(BOTH) }), {
      subject: 'user-1',
    }),
    both.accept('the certificate, of a token that needs no proof', () => sent(CERT), { proof: 'mtls' }),
    both.accept('the proof, of a token that needs no certificate', () => proven(KEY_ONLY)),
  ],
}

/** A token that is bound in two ways, or in the way that was not meant. */
function alsoDpop(): readonly Case[] {
  return [
    both.refuse('the proof without the certificate', () => proven(BOTH), 'proof_mismatch'),
    both.refuse(
      'the proof and another certificate',
      () => ({ ...proven(BOTH), headers: underDpop(BOTH, OTHER) }),
      'proof_mismatch',
    ),
    both.refuse(
      'the certificate without the proof',
      () => ({ headers: underDpop(BOTH) }),
      'dpop_proof_invalid',
    ),
    both.refuse('the certificate, as bearer token', () => withToken(BOTH, CERT), 'proof_required', 'Bearer'),
    both.refuse(
      'the certificate under DPoP, of a token that no proof is for',
      () => ({
        headers: underDpop(BOUND),
        linesFor: (path) => [['DPoP', proofFor(BOUND, path)]],
      }),
      'proof_mismatch',
    ),
    bothDemanded.refuse(
      'the proof, of a token that is bound to no certificate, where one is demanded',
      () => ({ ...proven(KEY_ONLY), headers: underDpop(KEY_ONLY) }),
      'proof_required',
    ),
    api.refuse('the certificate, where nobody checks the proof', withToken(BOTH, CERT), 'proof_required'),
  ]
}

/** A token that was accepted with its certificate comes again. */
function remembered(name: string, later: Sent): Case {
  const once = api.refuse(name, later, 'proof_mismatch')
  return {
    ...once,
    scene: async () => ({ ...(await once.scene()), earlier: [sent(CERT), sent(CERT), sent(CERT)] }),
  }
}

/** The bound token as bearer token, and fields of a proxy. */
function sent(...lines: readonly Line[]): Sent {
  return withToken(BOUND, ...lines)
}

function withToken(token: string, ...lines: readonly Line[]): Sent {
  return { headers: [['Authorization', `Bearer ${token}`], ...lines] }
}

function underDpop(token: string, value: string = OWN): readonly Line[] {
  return [
    ['Authorization', `DPoP ${token}`],
    ['Client-Cert', value],
  ]
}

/** RFC 8941 §3.3.5: a byte sequence. */
function sequence(der: Buffer): string {
  return `:${der.toString('base64')}:`
}

/** Binds a token to whatever bytes, as an authorization server would that has not looked at them. */
function boundTo(der: Buffer): string {
  return mint({ cnf: { 'x5t#S256': createHash('sha256').update(der).digest('base64url') } })
}

function asAws(): string {
  return OWN_PEM.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=')
}

function set(name: string, from: CertificateField, option: RegExp): SetUp {
  const proofs: readonly ProofFactory[] = [(parts) => mtls({ from })(parts)]
  return { name, options: { ...TRUST, proofs }, option }
}
