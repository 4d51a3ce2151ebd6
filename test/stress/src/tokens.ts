import { sign } from 'node:crypto'
import type { Kind } from './oracle.js'
import type { Rotation } from './rotation.js'
import { AUDIENCE } from './settings.js'

/** A token, and what tells how it is to be judged. */
export interface Minted {
  readonly kind: Kind
  readonly kid: string
  readonly subject: string
  readonly text: string
}

/** Mints tokens of an issuer, each for a subject of its own. */
export function createMint(issuer: string, rotation: Rotation, now: () => number): (kind: Kind) => Minted {
  let minted = 0
  return (kind) => {
    minted += 1
    const subject = `user-${minted}`
    const current = rotation.signing()
    const key = kind === 'withdrawn' ? (rotation.withdrawn() ?? current) : current
    const kid = kind === 'unknown' ? `never-${minted}` : key.kid
    const seconds = Math.floor(now() / 1000)
    const header = { alg: 'ES256', typ: 'at+jwt', kid }
    const claims = { iss: issuer, aud: AUDIENCE, sub: subject, client_id: 'stress', iat: seconds - 60 }
    const exp = kind === 'expired' ? seconds - 30 : seconds + 3600
    const input = `${segment(header)}.${segment({ ...claims, exp, jti: subject })}`
    const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
    if (kind === 'forged') signature.writeUInt8(signature.readUInt8(0) ^ 1)
    const text = `${input}.${signature.toString('base64url')}`
    // Before the first change nothing has been withdrawn.
    return { kind: kind === 'withdrawn' && key === current ? 'good' : kind, kid, subject, text }
  }
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
