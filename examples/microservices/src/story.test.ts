import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ORDERS, PEOPLE } from './accounts.js'
import { logIn, type Session } from './client.js'
import { openServer } from './listen.js'
import { createOrders } from './orders.js'
import { startServices, type Services } from './start.js'

let time = Date.UTC(2030, 0, 1)
const now = (): number => time
const advanceSeconds = (seconds: number): void => {
  time += seconds * 1000
}

const [CARLA, DARIO, SAM] = PEOPLE
const CARLAS_ORDER = 'Order 1001 is in the van, and with you before noon.'

let services: Services
let carla: Session
let sam: Session

beforeAll(async () => {
  services = await startServices({ port: 0, now })
  carla = await logInAs(CARLA)
  sam = await logInAs(SAM)
})

afterAll(async () => {
  const { login, orders, assistant } = services
  await Promise.all([login, orders, assistant].map((server) => server.stop()))
})

describe('logging in', () => {
  test('gives an access token that says who, by which client, for which services (RFC 9068 §2.2)', () => {
    const iat = Math.floor(now() / 1000)
    expect(decodeProtectedHeader(carla.accessToken)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: expect.any(String),
    })
    expect(decodeJwt(carla.accessToken)).toEqual({
      iss: services.login.url,
      sub: 'user-1',
      aud: ['https://orders.example', 'https://assistant.example'],
      exp: iat + 300,
      iat,
      jti: expect.any(String),
      client_id: 'shop-app',
      scope: 'orders:read assistant:chat',
      roles: [],
    })
    expect(decodeJwt(sam.accessToken)).toMatchObject({ sub: 'user-3', roles: ['support'] })
  })

  test('answers a wrong password and an unknown user alike', async () => {
    const wrong = await post('/login', { client_id: 'shop-app', username: 'carla', password: 'a guess' })
    const unknown = await post('/login', { client_id: 'shop-app', username: 'nobody', password: 'a guess' })
    expect(wrong).toEqual({ status: 400, body: { error: 'invalid_grant' } })
    expect(unknown).toEqual(wrong)
  })

  test('publishes the public halves of the key that signs and of the next, and no private one', async () => {
    const published = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }
    const coordinates = { x: expect.any(String), y: expect.any(String), kid: expect.any(String) }
    const response = await fetch(`${services.login.url}/jwks`)
    const key = { ...published, ...coordinates }
    expect(await response.json()).toEqual({ keys: [key, key] })
  })
})

describe('where is my order?', () => {
  test('the assistant answers customers with what the order service tells them', async () => {
    expect(await chat(carla, 'Where is my order?')).toEqual({ status: 200, reply: CARLAS_ORDER })
    expect(await chat(carla, 'Where is order 1001?')).toEqual({ status: 200, reply: CARLAS_ORDER })
  })

  test('a customer is told the same of the order of somebody else as of one that is not there', async () => {
    expect((await chat(carla, 'Where is order 1002?')).reply).toBe('There is no order 1002 that you may see.')
    expect((await chat(carla, 'Where is order 9999?')).reply).toBe('There is no order 9999 that you may see.')
  })

  test('a support agent may ask for the order of anybody, and has none', async () => {
    expect((await chat(sam, 'Where is order 1001?')).reply).toBe(CARLAS_ORDER)
    expect((await chat(sam, 'Where is order 1002?')).reply).toBe('Order 1002 is being packed.')
    expect((await chat(sam, 'Where is my order?')).reply).toBe('You have no orders.')
  })

  test('the assistant knows about orders only', async () => {
    expect((await chat(carla, 'How are you?')).reply).toBe('Ask me where your order is.')
  })

  test('nobody is told anything', async () => {
    const { orders, assistant } = services
    const answers = [await fetch(`${orders.url}/orders`), await fetch(`${assistant.url}/chat`)]
    for (const { status, headers } of answers) {
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
    }
  })

  test('a token for the assistant alone is no good at the order service, also by way of the assistant', async () => {
    const widget = await logInAs(DARIO, 'chat-widget')
    expect((await chat(widget, 'How are you?')).status).toBe(200)
    const direct = await widget.fetch(`${services.orders.url}/orders`)
    const relayed = await ask(widget.accessToken, 'Where is my order?')
    for (const { status, headers } of [direct, relayed]) {
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
  })

  test('while the order service is down, the assistant says so', async () => {
    await services.orders.stop()
    expect((await ask(carla.accessToken, 'Where is my order?')).status).toBe(502)
    await services.orders.start()
    expect((await ask(carla.accessToken, 'Where is my order?')).status).toBe(200)
  })
})

describe('a token that has run out', () => {
  test('gets a 401 that says so, and the client renews it', async () => {
    const old = carla.accessToken
    advanceSeconds(310)
    const response = await ask(old, 'Where is my order?')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain(
      'error="invalid_token", error_description="The access token expired"',
    )
    expect(await chat(carla, 'Where is my order?')).toEqual({ status: 200, reply: CARLAS_ORDER })
    expect(carla.accessToken).not.toBe(old)
    expect(decodeJwt(carla.accessToken)).toMatchObject({ sub: 'user-1', client_id: 'shop-app' })
  })

  test('is renewed once for all requests that meet it', async () => {
    advanceSeconds(310)
    const questions = ['order 1001', 'order 1002', 'my order', 'order 9999'].map(
      (what) => `Where is ${what}?`,
    )
    const answers = await Promise.all(questions.map((question) => chat(carla, question)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })

  test('cannot be renewed twice with the same refresh token: that ends the session', async () => {
    const session = await logInAs(CARLA)
    const used = session.refreshToken
    advanceSeconds(310)
    expect((await chat(session, 'Where is my order?')).status).toBe(200)
    const copied = { grant_type: 'refresh_token', client_id: 'shop-app', refresh_token: used }
    expect(await post('/token', copied)).toEqual({ status: 400, body: { error: 'invalid_grant' } })
    advanceSeconds(310)
    await expect(chat(session, 'Where is my order?')).rejects.toThrow('log in again')
  })

  test('cannot be renewed by another client, or after two weeks', async () => {
    const session = await logInAs(CARLA)
    const form = { grant_type: 'refresh_token', refresh_token: session.refreshToken }
    expect((await post('/token', { ...form, client_id: 'chat-widget' })).status).toBe(400)
    advanceSeconds(14 * 24 * 3600)
    await expect(chat(session, 'Where is my order?')).rejects.toThrow('log in again')
  })
})

describe('the login service', () => {
  test('changes its key while the others run: tokens of every key are good until they run out', async () => {
    const sessions = [await logInAs(CARLA)]
    expect(await statuses(sessions)).toEqual([200])
    await services.accessTokens.rotate() // to the key that was published beside the first
    sessions.push(await logInAs(CARLA))
    expect(await statuses(sessions)).toEqual([200, 200])
    await services.accessTokens.rotate() // to one that the services have not seen
    sessions.push(await logInAs(CARLA))
    expect(await statuses(sessions)).toEqual([200, 200, 200])

    const kids = sessions.map(({ accessToken }) => decodeProtectedHeader(accessToken).kid)
    expect(new Set(kids).size).toBe(3)
    expect(await publishedKids()).toEqual(expect.arrayContaining(kids))
    advanceSeconds(6 * 60)
    expect(await publishedKids()).toEqual([kids[2], expect.any(String)])
  })

  test('may be down: tokens that it gave go on working, also when the keys are no longer fresh', async () => {
    const early = await logInAs(CARLA)
    expect((await ask(early.accessToken, 'Where is my order?')).status).toBe(200)
    advanceSeconds(9 * 60)
    const session = await logInAs(CARLA)
    await services.login.stop()
    advanceSeconds(4 * 60) // the keys are kept as fresh for ten minutes
    expect((await ask(session.accessToken, 'Where is my order?')).status).toBe(200)
    advanceSeconds(2 * 60)
    await expect(chat(session, 'Where is my order?')).rejects.toThrow('fetch failed')
    await services.login.start()
    expect((await chat(session, 'Where is my order?')).status).toBe(200)
  })

  test('is missed only by a service that never had its keys: 503, and not 401', async () => {
    const session = await logInAs(CARLA)
    await services.login.stop()
    const latecomer = await openServer(0)
    latecomer.answer(createOrders(services.trust(ORDERS)))
    const response = await session.fetch(`${latecomer.url}/orders`)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    await services.login.start()
    advanceSeconds(Number(response.headers.get('retry-after')))
    expect((await session.fetch(`${latecomer.url}/orders`)).status).toBe(200)
    await latecomer.stop()
  })
})

function logInAs({ name, password }: (typeof PEOPLE)[number], client = 'shop-app'): Promise<Session> {
  return logIn(services.login.url, { client_id: client, username: name, password })
}

/** Asks the assistant as an app does: with a client that renews. */
async function chat(session: Session, message: string): Promise<{ status: number; reply: string }> {
  const init = { method: 'POST', body: new URLSearchParams({ message }) }
  const response = await session.fetch(`${services.assistant.url}/chat`, init)
  const { reply } = (await response.json()) as { reply: string }
  return { status: response.status, reply }
}

/** Asks the assistant with a token as it is. */
function ask(token: string, message: string): Promise<Response> {
  return fetch(`${services.assistant.url}/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({ message }),
  })
}

/** Asks with the token of each session as it is. */
async function statuses(sessions: readonly Session[]): Promise<readonly number[]> {
  const answers = await Promise.all(sessions.map(({ accessToken }) => ask(accessToken, 'Where is my order?')))
  return answers.map(({ status }) => status)
}

async function post(path: string, form: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const init = { method: 'POST', body: new URLSearchParams(form) }
  const response = await fetch(`${services.login.url}${path}`, init)
  return { status: response.status, body: await response.json() }
}

async function publishedKids(): Promise<readonly unknown[]> {
  const response = await fetch(`${services.login.url}/jwks`)
  const { keys } = (await response.json()) as { keys: readonly { kid: string }[] }
  return keys.map(({ kid }) => kid)
}
