import { cold } from './cold.js'
import { discovery } from './discovery.js'
import { documents } from './documents.js'
import { outage } from './outage.js'
import { own } from './own.js'
import type { Row } from './row.js'
import { tokens } from './tokens.js'
import { withdrawal } from './withdrawal.js'

/** The fault table, by section. */
export const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'Tokens that make a verifier ask': tokens,
  'An issuer that fails after a while': outage,
  'Keys that are withdrawn': withdrawal,
  'Documents that are no key set': documents,
  'A cold start': cold,
  Discovery: discovery,
  'What only require-jwt has': own,
}
