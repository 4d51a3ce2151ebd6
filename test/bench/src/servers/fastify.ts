import type { FastifyInstance } from 'fastify'
import { createPublicKey } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { JOSE_SETUP, joseCheck, type Server, type Where } from './server.js'

/** Servers on Fastify, for which there is no adapter of ours: what its own plugin costs. */
export const onFastify: readonly Server[] = [
  {
    name: 'Fastify',
    framework: 'Fastify',
    kind: 'limit',
    packages: ['fastify'],
    setup: 'one route, no check',
    make: () => serve(async () => undefined),
  },
  {
    name: 'Fastify + jose wrapper',
    framework: 'Fastify',
    kind: 'peer',
    wrapper: true,
    packages: ['jose'],
    setup: JOSE_SETUP,
    async make(where) {
      const check = await joseCheck(where)
      return serve(async (app) => {
        app.addHook('onRequest', async (request, reply) => {
          try {
            await check(request.headers.authorization)
          } catch {
            await reply.code(401).send()
          }
        })
      })
    },
  },
  {
    name: '@fastify/jwt',
    framework: 'Fastify',
    kind: 'peer',
    packages: ['@fastify/jwt'],
    setup: '`secret` is the key itself: it fetches none; `requiredClaims`',
    make: (where) => withPlugin(where, false),
  },
  {
    name: '@fastify/jwt with cache',
    framework: 'Fastify',
    kind: 'peer',
    packages: ['@fastify/jwt'],
    setup: 'the same with `verify.cache: true`',
    make: (where) => withPlugin(where, true),
  },
]

async function withPlugin({ issuer, audience, alg, jwks }: Where, cache: boolean): Promise<RequestListener> {
  const { default: jwt } = await import('@fastify/jwt')
  const [key = {}] = jwks.keys
  const pem = createPublicKey({ key, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
  return serve(async (app) => {
    await app.register(jwt, {
      secret: { public: pem },
      verify: {
        algorithms: [alg],
        allowedIss: issuer,
        allowedAud: audience,
        requiredClaims: ['exp'],
        cache,
      },
    })
    app.addHook('onRequest', async (request) => {
      await request.jwtVerify()
    })
  })
}

async function serve(protect: (app: FastifyInstance) => Promise<void>): Promise<RequestListener> {
  const { default: fastify } = await import('fastify')
  const app = fastify()
  await protect(app)
  app.get('/', async () => ({}))
  await app.ready()
  return (request, response) => app.routing(request, response)
}
