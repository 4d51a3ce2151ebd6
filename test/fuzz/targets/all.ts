import type { Target } from '../target.js'
import { challenge } from './challenge.js'
import { credentials } from './credentials.js'
import { discovery, keysUrl } from './discovery.js'
import { freshness } from './freshness.js'
import { keySet, stored } from './keys.js'
import { address, tenantName } from './names.js'
import { signature, signatureWeb } from './signature.js'
import { base64url, base64urlWeb, json, token } from './token.js'

/** Every piece of the core that reads what a stranger sends, or writes where a stranger reads. */
export const TARGETS: readonly Target[] = [
  base64url,
  base64urlWeb,
  json,
  token,
  signature,
  signatureWeb,
  challenge,
  keySet,
  stored,
  freshness,
  discovery,
  keysUrl,
  credentials,
  tenantName,
  address,
]
