import type { Contender } from '../contender.js'
import { bareVerify, noop, subtleVerify } from './limits.js'
import { byValue, ours } from './ours.js'
import { peers } from './peers.js'

/** Every contender. */
export const CONTENDERS: readonly Contender[] = [noop, bareVerify, subtleVerify, ...ours, byValue, ...peers]
