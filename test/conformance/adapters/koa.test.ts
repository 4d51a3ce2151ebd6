import { runTable } from '../runner.js'
import { koa2, koa3 } from './koa.js'

runTable(koa2)
runTable(koa3)
