// The library injects its parts by it, and wants it loaded first.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate and its key, in PEM: what TLS servers and clients of Node take. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** Who signs certificates. */
export interface Authority {
  /** Its own certificate, in PEM. */
  readonly ca: string
  /** Makes a certificate; with the address where it is that of a server. */
  issue(commonName: string, address?: string): Promise<Identity>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const HOUR_MS = 3_600_000

/** Makes an authority, which nobody trusts who is not told to. */
export async function createAuthority(): Promise<Authority> {
  const own = await generateKeyPair()
  // A name of its own: OpenSSL takes the authority that it trusts for another one of the same name, stumbles over the
  // signature, and a connection of the same process gets to hear of it.
  const name = `CN=authority ${crypto.randomUUID()}`
  const validity = { notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + HOUR_MS) }

  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    keys: own,
    signingAlgorithm: ALGORITHM,
    ...validity,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    ca: certificate.toString('pem'),
    async issue(commonName, address) {
      const { publicKey, privateKey } = await generateKeyPair()
      const issued = await X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: name,
        publicKey,
        signingKey: own.privateKey,
        signingAlgorithm: ALGORITHM,
        ...validity,
        extensions: namesOf(address),
      })
      const key = KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' })
      return { cert: issued.toString('pem'), key: String(key) }
    },
  }
}

function namesOf(address: string | undefined): Extension[] {
  return address === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: 'ip', value: address }])]
}

function generateKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}
