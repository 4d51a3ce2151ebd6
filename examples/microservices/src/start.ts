import { getRequestListener } from '@hono/node-server'
import type { Observer, VerifierOptions } from '@require-jwt/express'
import { createAccessTokens, type AccessTokens } from './access-tokens.js'
import { ASSISTANT, CLIENTS, createUsers, ORDERS } from './accounts.js'
import { createAssistant } from './assistant.js'
import { openServer, type Server } from './listen.js'
import { createLogin } from './login.js'
import { createOrders } from './orders.js'
import { createRefreshTokens } from './refresh-tokens.js'

export interface StartOptions {
  /** Where the login service listens; the others on the next two. 0: each on a free port. */
  readonly port: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly observer?: Observer
}

/** The three services, listening. */
export interface Services {
  readonly login: Server
  readonly orders: Server
  readonly assistant: Server
  readonly accessTokens: AccessTokens
  /** All that a service has to know to trust the login service. */
  trust(audience: string): VerifierOptions
}

const ACCESS_TOKEN_SECONDS = 5 * 60
const SESSION_SECONDS = 14 * 24 * 3600

/** Starts the three services on 127.0.0.1. */
export async function startServices({ port, now, observer }: StartOptions): Promise<Services> {
  const open = (offset: number): Promise<Server> => openServer(port === 0 ? 0 : port + offset)
  const [login, orders, assistant] = await Promise.all([open(0), open(1), open(2)])

  const issuer = login.url
  const users = await createUsers()
  const accessTokens = await createAccessTokens({ issuer, lifetime: ACCESS_TOKEN_SECONDS, now })
  const refreshTokens = createRefreshTokens(SESSION_SECONDS, now)
  const loginApp = createLogin({ issuer, users, clients: CLIENTS, accessTokens, refreshTokens })
  login.answer(getRequestListener(loginApp.fetch))

  const trust = (audience: string): VerifierOptions => ({
    issuer,
    audience,
    profile: 'at+jwt',
    algorithms: ['ES256'],
    now,
    observer,
    // A function for each service: otherwise those of one process share the keys, and these are to fetch their own.
    fetch: (url, init) => fetch(url, init),
  })
  orders.answer(createOrders(trust(ORDERS)))
  assistant.answer(createAssistant({ trust: trust(ASSISTANT), orders: orders.url }).callback())

  return { login, orders, assistant, accessTokens, trust }
}
