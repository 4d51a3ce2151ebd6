import type { Attack } from '../attack.js'
import { algNone } from './alg-none.js'
import { algorithmList, missingAlgorithms } from './algorithm-list.js'
import { cachedResult, parserCost, patterns } from './costs.js'
import { malformedCredentials, noCredentials, otherPlaces, scheme } from './credentials.js'
import { caching } from './caching.js'
import { certificate } from './certificate.js'
import { crit } from './crit.js'
import { embeddedKey } from './embedded-key.js'
import { encoding } from './encoding.js'
import { falsyKey } from './falsy-key.js'
import { guessableSecret } from './guessable-secret.js'
import { injection, pollution } from './injection.js'
import { issuerList, sharedKid } from './issuers.js'
import { jweCost, jweWrapping } from './jwe.js'
import { keyConfusion } from './key-confusion.js'
import { isolates, keyStore, poisonedAnswer } from './key-answers.js'
import { keysDown, weakKey } from './keys.js'
import { kid, kidFlood } from './kid.js'
import { binding, tokenKind } from './kinds.js'
import { audience, client, issuerName } from './names.js'
import { ownCheck, selfMadeResult, unverifiedClaims } from './own-code.js'
import { preflight } from './preflight.js'
import { proof } from './proof.js'
import { signature } from './signature.js'
import { structure } from './structure.js'
import { tenantKeys, tenantNeighbours } from './tenants.js'
import { time } from './time.js'
import { withdrawnKey } from './withdrawn-key.js'

/** Every class of attack. */
export const ATTACKS: readonly Attack[] = [
  algNone,
  keyConfusion,
  guessableSecret,
  falsyKey,
  algorithmList,
  missingAlgorithms,
  embeddedKey,
  issuerList,
  sharedKid,
  kid,
  kidFlood,
  withdrawnKey,
  crit,
  signature,
  weakKey,
  encoding,
  structure,
  jweWrapping,
  jweCost,
  time,
  issuerName,
  audience,
  client,
  tokenKind,
  binding,
  proof,
  certificate,
  scheme,
  noCredentials,
  malformedCredentials,
  otherPlaces,
  cachedResult,
  patterns,
  parserCost,
  injection,
  pollution,
  keysDown,
  poisonedAnswer,
  keyStore,
  isolates,
  tenantKeys,
  tenantNeighbours,
  preflight,
  selfMadeResult,
  ownCheck,
  unverifiedClaims,
  caching,
]
