import { createServer, type RequestListener } from 'node:http'
import type { App } from '../support/app.js'

/** How the route of an app is reached. */
export type Placement =
  /** The middlewares stand on the route itself. */
  | 'plain'
  /** Everything is in a router behind a mount path. */
  | 'mounted'
  /** The first middleware is outside, at the mount path; the others and the handler in an app of their own. */
  | 'split'

/** What the runner needs of a framework: this, a line in `index.ts`, and a test file that runs the table over it. */
export interface Adapter {
  readonly name: string
  /** `maxHeaderSize`, in bytes: where Node answers by itself. Default: far beyond what a token may have. */
  serve(app: App, placement: Placement, maxHeaderSize?: number): Promise<Served>
}

/** Parts the middlewares of an app behind a mount path: what stands outside of it, and what inside. */
export function divide<T>(steps: readonly T[], placement: Placement): readonly [readonly T[], readonly T[]] {
  const outside = placement === 'split' ? 1 : 0
  return [steps.slice(0, outside), steps.slice(outside)]
}

/** An app that can be reached. */
export interface Served {
  /** The URL of the route. */
  readonly url: string
  close(): Promise<void>
}

/** Room for tokens that are too large, so that Node does not answer for us. */
const MAX_HEADER_SIZE = 2 ** 21

/** Serves on a free port of the loopback interface. */
export async function listen(
  listener: RequestListener,
  placement: Placement,
  maxHeaderSize: number = MAX_HEADER_SIZE,
): Promise<Served> {
  const server = createServer({ maxHeaderSize }, listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}${placement === 'plain' ? '' : '/mounted'}/thing`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
