import type { Row } from '../support/table.js'
import { challenges } from './challenges.js'
import { credentials } from './credentials.js'
import { signatures } from './signatures.js'
import { tokens } from './tokens.js'

/** The table. */
export const TABLE: readonly Row[] = [...credentials, ...challenges, ...tokens, ...signatures]
