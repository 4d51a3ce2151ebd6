import { serve } from '@hono/node-server'
import { logEvents } from '@require-jwt/hono'
import { createApp } from './app.js'

const { ISSUER, AUDIENCE, PORT = '3000' } = process.env

if (ISSUER && AUDIENCE) {
  const app = createApp({ issuer: ISSUER, audience: AUDIENCE, observer: logEvents(console) })
  serve({ fetch: app.fetch, port: Number(PORT) }, () =>
    console.log(`listening on port ${PORT}, tokens come from ${ISSUER}`),
  )
} else if (ISSUER || AUDIENCE) {
  console.error('Set both ISSUER and AUDIENCE, or neither to try the API with a local test issuer.')
  process.exitCode = 1
} else {
  await tryOut()
}

/** Serves on this machine only, with an issuer that lives in this process, and prints tokens for everybody. */
async function tryOut(): Promise<void> {
  // Only here: it is a development dependency, so a production install cannot come this way.
  const { createTestIssuer } = await import('@require-jwt/testing')
  const issuer = await createTestIssuer({ audience: 'https://orders.example' })
  const mint = (claims: Record<string, unknown>): Promise<string> => issuer.token(claims, { expiresIn: 3600 })
  const customer = await mint({ sub: 'carla', scope: 'orders:read' })
  const support = await mint({ sub: 'sam', scope: 'orders:read', roles: ['support'] })
  const manager = await mint({ sub: 'mia', scope: 'orders:read', permissions: ['orders:refund'] })

  const app = createApp({ ...issuer.options, observer: logEvents(console) })
  serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
    const curl = (request: string, token: string): string =>
      `curl -i http://127.0.0.1:${port}${request} -H 'Authorization: Bearer ${token}'`
    console.log(`# nobody, 401\ncurl -i http://127.0.0.1:${port}/orders\n`)
    console.log(`# a customer reads her orders, 200\n${curl('/orders', customer)}\n`)
    console.log(`# a customer reads somebody else's order, 404\n${curl('/orders/1002', customer)}\n`)
    console.log(`# a customer wants a refund, 403\n${curl('/orders/1001/refund -X POST', customer)}\n`)
    console.log(`# a support agent reads any order, 200\n${curl('/orders/1002', support)}\n`)
    console.log(`# a manager refunds an order, 200\n${curl('/orders/1001/refund -X POST', manager)}\n`)
    console.log(`Listening on http://127.0.0.1:${port}. The tokens are valid for an hour.`)
  })
}
