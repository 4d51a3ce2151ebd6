import { createTestIssuer, type TestIssuer } from '@require-jwt/testing'
import { FRAMEWORKS, startServer, type RunningServer } from './servers/start.js'
import type { WorldEvent } from './story.js'

/** The API's own identifier: the `aud` of its tokens. */
const AUDIENCE = 'https://api.example'

/** An issuer, and the same API on three frameworks. */
export interface World {
  readonly issuer: TestIssuer
  /** Those that run now: a restart replaces them. */
  readonly servers: readonly RunningServer[]
  let(event: WorldEvent): Promise<void>
  close(): Promise<void>
}

/** Starts the issuer and the servers, each on a free port of 127.0.0.1. */
export async function startWorld(): Promise<World> {
  const issuer = await createTestIssuer({ audience: AUDIENCE, listen: true })
  const start = (): Promise<readonly RunningServer[]> =>
    Promise.all(FRAMEWORKS.map((framework) => startServer(framework, issuer.options)))
  let servers = await start()

  const stop = (): Promise<unknown> => Promise.all(servers.map((server) => server.close()))
  const events: Readonly<Record<WorldEvent, () => Promise<void>>> = {
    rotation: () => issuer.rotate(),
    async outage() {
      issuer.goOffline()
      issuer.advanceSeconds(30 * 60)
    },
    async restart() {
      await stop()
      servers = await start()
    },
  }

  return {
    issuer,
    get servers() {
      return servers
    },
    let: (event) => events[event](),
    async close() {
      await stop()
      await issuer.close()
    },
  }
}
