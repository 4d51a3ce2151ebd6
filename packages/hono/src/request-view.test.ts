import { createTestIssuer } from '@require-jwt/testing'
import { Hono, type ExecutionContext } from 'hono'
import { expect, test } from 'vitest'
import { requireJwt } from './index.js'

test('a fetch of keys is handed to the execution context of the request that began it', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const work: Promise<unknown>[] = []
  const context = {
    waitUntil(promise: Promise<unknown>) {
      if (this !== context) throw new TypeError('Illegal invocation')
      work.push(promise)
    },
    passThroughOnException: () => undefined,
    props: {},
  } satisfies ExecutionContext
  const app = new Hono().get('/', requireJwt({ ...issuer.options, isolates: true }), (c) => c.text('in'))
  const headers = await issuer.headers()
  expect((await app.request('/', { headers }, {}, context)).status).toBe(200)
  expect(work).toHaveLength(1)
  await Promise.all(work)
  expect((await app.request('/', { headers }, {}, context)).status).toBe(200)
  expect(work).toHaveLength(1)
})

test('without an execution context requests fetch for themselves and are answered', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const app = new Hono().get('/', requireJwt({ ...issuer.options, isolates: true }), (c) => c.text('in'))
  const headers = await issuer.headers()
  const answers = await Promise.all([1, 2, 3].map(async () => app.request('/', { headers })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
})

test('an execution context that cannot keep work going is as good as none', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const app = new Hono().get('/', requireJwt(issuer.options), (c) => c.text('in'))
  const headers = await issuer.headers()
  expect((await app.request('/', { headers }, {}, {} as ExecutionContext)).status).toBe(200)
})
