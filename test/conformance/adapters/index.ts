import type { Adapter } from './adapter.js'
import { express4, express5 } from './express.js'
import { hono } from './hono.js'
import { koa2, koa3 } from './koa.js'

/** Every adapter that the table is run over. */
export const ADAPTERS: readonly Adapter[] = [express5, express4, koa3, koa2, hono]
