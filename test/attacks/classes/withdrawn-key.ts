import { protect } from '../../conformance/support/app.js'
import { anHourLater, json, serveDocuments } from '../../conformance/support/issuers.js'
import { P256, published, RSA } from '../../conformance/support/keys.js'
import { bearer, granted, refusal, type Case, type Expected } from '../../conformance/support/table.js'
import { mint, withSignature } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { judged } from '../support/schema.js'
import { publish, target } from '../support/target.js'

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const GOOD = mint({ exp: FAR })
const OTHER = mint({ exp: FAR }, {}, P256)
const KEYS_URI = 'https://withdrawing.example/jwks'

/** Has issuers of its own: what is revoked stays so for the whole process. */
const REVOKING = 'https://revoking.example'
const REVOKED = mint({ iss: REVOKING, exp: FAR }, {}, P256)

export const withdrawnKey: Attack = {
  name: 'withdrawn-key',
  about: 'a key that the issuer or the operator took back opens nothing',
  source: 'RFC 8725 §3.8, CWE-672',
  refuses: [
    changed('withdrawn, when the keys are old', 1201, OTHER, refusal('key_unknown')),
    changed('withdrawn, after a day', 86_400, OTHER, refusal('key_unknown')),
    changed('withdrawn, and the twin of its signature', 1201, twin(OTHER), refusal('key_unknown')),
    revoked('revoked', REVOKED, refusal('key_unknown')),
    revoked('revoked, by the twin of its signature', twin(REVOKED), refusal('key_unknown')),
    revoked(
      'revoked, without a kid',
      mint({ iss: REVOKING, exp: FAR }, { kid: undefined }, P256),
      refusal('key_unknown'),
    ),
    revoked(
      'revoked, under the kid of another',
      mint({ iss: REVOKING, exp: FAR }, { kid: 'rsa' }, P256),
      refusal('key_unknown'),
    ),
    ahead('revoked, before its issuer was asked for the first time'),
    renamed('revoked, and published again under another kid'),
    waiting('revoked, while the schema of the app is waited for'),
  ],
  accepts: [
    changed('withdrawn, while the keys are fresh', 1, OTHER, granted()),
    changed('one that stays, when the keys are old', 1201, GOOD, granted()),
    revoked('another key after one was revoked', mint({ iss: REVOKING, exp: FAR }), granted()),
  ],
}

/** The issuer published two keys; since, it publishes one of them. */
function changed(name: string, seconds: number, token: string, expected: Expected): Case {
  return {
    name,
    expected,
    scene: async () => {
      const start = anHourLater()()
      let passed = 0
      const { fetch } = serveDocuments({
        [KEYS_URI]: () => json({ keys: passed === 0 ? [RSA.jwk, P256.jwk] : [RSA.jwk] })(),
      })
      const now = (): number => start + passed * 1000
      const app = protect({ jwks: undefined, jwksUri: KEYS_URI, fetch, now })
      await app.ready()
      passed = seconds
      return { app, sent: bearer(token) }
    },
  }
}

/** The operator revokes one of two keys, which the issuer goes on to publish. */
function revoked(name: string, token: string, expected: Expected): Case {
  return {
    name,
    expected,
    scene: async () => {
      const app = target({ issuer: REVOKING })
      await app.ready()
      for (const verifier of app.verifiers) verifier.revokeKey({ issuer: REVOKING, kid: 'p256' })
      return { app, sent: bearer(token) }
    },
  }
}

/** A kid is revoked of which no key was seen yet. */
function ahead(name: string): Case {
  return {
    name,
    expected: refusal('key_unknown'),
    scene: () => {
      const issuer = another()
      const app = target({ issuer })
      for (const verifier of app.verifiers) verifier.revokeKey({ issuer, kid: 'p256' })
      return { app, sent: bearer(mint({ iss: issuer, exp: FAR }, {}, P256)) }
    },
  }
}

/** The issuer goes on with a key that was revoked. */
function renamed(name: string): Case {
  return {
    name,
    expected: refusal('key_unknown'),
    scene: async () => {
      const issuer = another()
      let kid = 'p256'
      const jwksUri = publish([], () => json({ keys: [RSA.jwk, published(P256, { kid })] })())
      const app = target({ issuer, jwksUri })
      await app.ready()
      kid = 'new'
      for (const verifier of app.verifiers) {
        verifier.revokeKey({ issuer, kid: 'p256' })
        // One verifier: nothing here runs side by side.
        // oxlint-disable-next-line no-await-in-loop
        await verifier.refreshKeys()
      }
      return { app, sent: bearer(mint({ iss: issuer, exp: FAR }, { kid }, P256)) }
    },
  }
}

/** Everything was right when the token came. */
function waiting(name: string): Case {
  return {
    name,
    expected: refusal('key_unknown'),
    scene: () => {
      const issuer = another()
      const slow = judged(() => {
        for (const verifier of app.verifiers) verifier.revokeKey({ issuer, kid: 'p256' })
        return true
      })
      const app = target({ issuer, ...slow })
      return { app, sent: bearer(mint({ iss: issuer, exp: FAR }, {}, P256)) }
    },
  }
}

let issuers = 0

/** Gives the name of an issuer of which nothing was revoked. */
function another(): string {
  issuers += 1
  return `https://revoking-${issuers}.example`
}

/** The other signature that holds for the same input: `(r, n − s)`. */
function twin(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  return withSignature(token, (bytes) => {
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    return Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  })
}
