import { onExpress } from './express.js'
import { onFastify } from './fastify.js'
import { onHono } from './hono.js'
import { onKoa } from './koa.js'
import type { Server } from './server.js'

/** Every server that is measured. */
export const SERVERS: readonly Server[] = [...onExpress, ...onKoa, ...onHono, ...onFastify]
