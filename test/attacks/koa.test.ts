import { koa3, koa2 } from '../conformance/adapters/koa.js'
import { runAttacks } from './runner.js'

runAttacks(koa3)
runAttacks(koa2)
