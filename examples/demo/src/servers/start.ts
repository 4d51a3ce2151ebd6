import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createVerifier, type AuthEvent, type Verifier, type VerifierOptions } from '@require-jwt/express'
import { createExpressApi } from './express.js'
import { createHonoApi } from './hono.js'
import { createKoaApi } from './koa.js'

/** The frameworks of the demo, in the order of its columns. */
export const FRAMEWORKS = ['express', 'koa', 'hono'] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** An API that listens. */
export interface RunningServer {
  readonly framework: Framework
  readonly url: string
  /** Takes the code of its latest verdict, what its operator reads; a second time there is none. */
  takeReason(): string | undefined
  close(): Promise<void>
}

const APIS: Readonly<Record<Framework, (verifier: Verifier) => RequestListener>> = {
  express: createExpressApi,
  koa: createKoaApi,
  hono: createHonoApi,
}

/** Starts the API on one framework, on a free port of 127.0.0.1, with a verifier of its own. */
export async function startServer(framework: Framework, options: VerifierOptions): Promise<RunningServer> {
  let reason: string | undefined
  const verifier = createVerifier({
    ...options,
    observer: (event) => {
      reason = reasonOf(event) ?? reason
    },
  })
  const server = createServer(APIS[framework](verifier)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    framework,
    url: `http://127.0.0.1:${port}`,
    takeReason() {
      const taken = reason
      reason = undefined
      return taken
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await verifier.close()
    },
  }
}

function reasonOf(event: AuthEvent): string | undefined {
  if (event.type === 'rejected') return event.code
  return event.type === 'authenticated' ? event.type : undefined
}
