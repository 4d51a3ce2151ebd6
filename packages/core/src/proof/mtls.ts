import { ownMember } from '../own-member.js'
import { optionError, optionsObject, refuseUnknownOptions } from '../option-checks.js'
import { refuse, type Refusal } from '../refusal.js'
import type { RequestView } from '../request.js'
import { certificateThumbprint, readClientCertificate, type CertificateFormat } from './client-certificate.js'
import type { ProofContext, ProofFactory, Proven } from './proof-method.js'
import { resolveTrustedProxies } from './trusted-proxies.js'

/** How client certificates are checked. */
export interface MtlsOptions {
  /**
   * Where the certificate is: `socket` where this server ends TLS itself, with `requestCert`; else the field that a
   * proxy writes it into. The proxy must take the field out of what clients send, and only it may reach this server.
   */
  readonly from: 'socket' | CertificateField
  /** Whether every token must be bound to a certificate. Default: false, those that are must be proven. */
  readonly required?: boolean | undefined
}

/** The field of a proxy that ends TLS. */
export interface CertificateField {
  /** For example `Client-Cert` (RFC 9440 §2.2). */
  readonly header: string
  readonly format: CertificateFormat
  /** Addresses or ranges of the proxies: from anybody else the field says nothing. */
  readonly trustedProxies: readonly string[]
}

type Source = (request: RequestView) => Uint8Array | Refusal

const NONE = refuse('proof_mismatch', 'the request came with no client certificate')
const UNTRUSTED = refuse('proof_mismatch', 'the request came by no trusted proxy')
const UNREADABLE = refuse('proof_mismatch', 'the field of the client certificate cannot be read')
const OTHER = refuse('proof_mismatch', 'the token is bound to another certificate')

/**
 * Checks that a token is used with the certificate which it is bound to (RFC 8705 §3), for the option `proofs`. Whether
 * the certificate is valid is for the TLS server to say; that the client has its key is what TLS has shown.
 *
 * @example
 * createVerifier({ issuer, audience, proofs: [mtls({ from: 'socket', required: true })] })
 *
 * @throws ConfigError for a wrong option
 */
export function mtls(given: MtlsOptions): ProofFactory {
  const options = optionsObject(given, 'mtls', "Pass { from: 'socket' } or { from: { header, … } }.")
  refuseUnknownOptions(options, ['from', 'required'], 'mtls')
  const { from, required = false } = options
  if (typeof required !== 'boolean') throw optionError('mtls.required', required, 'Pass true or false.')
  const source = from === 'socket' ? fromSocket : fromField(from)

  const check = async ({ request, confirmation }: ProofContext): Promise<Proven | Refusal> => {
    const certificate = source(request)
    if (!(certificate instanceof Uint8Array)) return certificate
    const thumbprint = await certificateThumbprint(certificate)
    return ownMember(confirmation, 'x5t#S256') === thumbprint ? PROVEN : OTHER
  }
  return () => ({ kind: 'mtls', scheme: 'Bearer', member: 'x5t#S256', required, challenge: [], check })
}

const PROVEN: Proven = Object.freeze({ fields: undefined })

const fromSocket: Source = (request) => request.peer?.certificate ?? NONE

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const FORMATS: readonly unknown[] = [
  'rfc9440',
  'xfcc',
  'pem-escaped',
  'pem-url',
] satisfies CertificateFormat[]

function fromField(given: unknown): Source {
  const options = optionsObject(given, 'mtls.from', "Pass 'socket' or { header, format, trustedProxies }.")
  refuseUnknownOptions(options, ['header', 'format', 'trustedProxies'], 'mtls.from')
  const { header, format, trustedProxies } = options
  if (typeof header !== 'string' || !FIELD_NAME.test(header)) {
    throw optionError('mtls.from.header', header, "Pass the name of a field, for example 'Client-Cert'.")
  }
  if (!FORMATS.includes(format)) {
    throw optionError('mtls.from.format', format, `Pass one of: ${FORMATS.join(', ')}.`)
  }
  const isTrusted = resolveTrustedProxies(trustedProxies, 'mtls.from.trustedProxies')
  const name = header.toLowerCase()
  return (request) => {
    if (!isTrusted(request.peer?.address)) return UNTRUSTED
    const certificate = readClientCertificate(request.values(name), format as CertificateFormat)
    if (certificate === undefined) return NONE
    return certificate === 'malformed' ? UNREADABLE : certificate
  }
}
