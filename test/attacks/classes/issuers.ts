import { P256, published, RSA, ec } from '../../conformance/support/keys.js'
import { bearer, each, on, type Case } from '../../conformance/support/table.js'
import { ISSUER, mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { ATTACKER } from '../support/attacker.js'
import { against, publish, severalIssuers } from '../support/target.js'

const SECOND = { iss: 'https://second.example', aud: 'second-api' }
const THIRD = { iss: 'https://third.example', aud: 'third-api' }
const TWIN = ec('twin', 'ES256', 'P-256')
const SHARED = { kid: 'shared' }

const api = against()
const several = on(
  severalIssuers([
    { issuer: ISSUER, audience: 'https://api.example', jwksUri: sharing(RSA) },
    { issuer: SECOND.iss, audience: SECOND.aud, jwksUri: sharing(P256) },
    { issuer: THIRD.iss, audience: THIRD.aud, jwksUri: sharing(TWIN), algorithms: ['ES256'] },
  ]),
)

export const issuerList: Attack = {
  name: 'issuer-list',
  about: 'a token has one issuer, which is no list and no object',
  source: 'CVE-2025-30144, RFC 7519 §4.1.1',
  refuses: each<unknown>(
    {
      'the right one and another': [ISSUER, ATTACKER],
      'another and the right one': [ATTACKER, ISSUER],
      'the right one alone': [ISSUER],
      'a list in a list': [[ISSUER]],
      'an empty list': [],
      'an object that reads like it': { toString: ISSUER, 0: ISSUER, length: 1 },
      'both in one text': `${ISSUER},${ATTACKER}`,
      'both with a space between': `${ISSUER} ${ATTACKER}`,
    },
    (name, iss) => api.refuse(name, mint({ iss }), 'issuer_unknown'),
  ),
  accepts: [
    api.accept('the issuer', mint()),
    api.accept('a list of issuers in another claim', mint({ issuers: [ISSUER, ATTACKER], iss2: ATTACKER })),
  ],
}

export const sharedKid: Attack = {
  name: 'shared-kid',
  about: 'keys belong to their issuer, also where another has the same kid',
  source: 'CVE-2025-59936, RFC 8725 §3.8',
  refuses: [
    several.refuse("the first one's name, the second one's key", mint({}, SHARED, P256), 'key_unknown'),
    several.refuse("the second one's name, the first one's key", mint(SECOND, SHARED), 'key_unknown'),
    several.refuse(
      "the second one's name, the third one's key of the same kind",
      mint(SECOND, SHARED, TWIN),
      'signature_invalid',
    ),
    several.refuse(
      "the third one's name, the second one's key of the same kind",
      mint(THIRD, SHARED, P256),
      'signature_invalid',
    ),
    several.refuse(
      'no kid, and the key of another',
      mint(SECOND, { kid: undefined }, TWIN),
      'signature_invalid',
    ),
    several.refuse(
      "the second one's token for the first one's audience",
      mint({ iss: SECOND.iss }, SHARED, P256),
      'audience_mismatch',
    ),
    several.refuse(
      'an algorithm that is listed for another issuer only',
      mint(THIRD, SHARED),
      'algorithm_rejected',
    ),
    seen('right after a good token of its owner'),
  ],
  accepts: [
    several.accept('a token of the first', mint({}, SHARED), { issuer: ISSUER }),
    several.accept('a token of the second', mint(SECOND, SHARED, P256), { issuer: SECOND.iss }),
    several.accept('a token of the third', mint(THIRD, SHARED, TWIN), { issuer: THIRD.iss }),
  ],
}

/** The key of one issuer has just been used; the same bytes then come in the name of another. */
function seen(name: string): Case {
  const { scene, ...rest } = several.refuse(name, mint(SECOND, SHARED, TWIN), 'signature_invalid')
  const earlier = [bearer(mint(THIRD, SHARED, TWIN)), bearer(mint(SECOND, SHARED, P256))]
  return { ...rest, scene: async () => ({ ...(await scene()), earlier }) }
}

function sharing(key: typeof RSA): string {
  return publish([published(key, SHARED)])
}
