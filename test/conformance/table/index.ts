import type { Row } from '../support/table.js'
import { atJwt } from './at-jwt.js'
import { binding } from './binding.js'
import { challenges } from './challenges.js'
import { claims } from './claims.js'
import { credentials } from './credentials.js'
import { dpopRows } from './dpop.js'
import { fapiRows } from './fapi.js'
import { guards } from './guards.js'
import { changingKeys } from './changing-keys.js'
import { keys } from './keys.js'
import { mtlsRows } from './mtls.js'
import { memo } from './memo.js'
import { passes } from './passes.js'
import { shadow } from './shadow.js'
import { signatures } from './signatures.js'
import { tenants } from './tenants.js'
import { tokens } from './tokens.js'

/** The rows about what stands behind `requireJwt`. */
export const GUARDED: readonly Row[] = [...guards, ...passes, ...shadow]

/** The table. */
export const TABLE: readonly Row[] = [
  ...credentials,
  ...challenges,
  ...tokens,
  ...signatures,
  ...claims,
  ...keys,
  ...changingKeys,
  ...tenants,
  ...atJwt,
  ...binding,
  ...dpopRows,
  ...mtlsRows,
  ...fapiRows,
  ...memo,
  ...GUARDED,
]
