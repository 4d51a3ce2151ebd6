import { bodyParser } from '@koa/bodyparser'
import { Router } from '@koa/router'
import { getAuth, requireJwt, requireScope, type VerifierOptions } from '@require-jwt/koa'
import Koa, { type Context } from 'koa'
import type { Order } from './orders.js'

export interface AssistantOptions {
  readonly trust: VerifierOptions
  /** The URL of the order service. */
  readonly orders: string
}

/** Makes the chat assistant. It knows no orders and has no rights: it asks with the token of whoever asks it. */
export function createAssistant({ trust, orders }: AssistantOptions): Koa {
  const router = new Router().post('/chat', requireScope('assistant:chat'), bodyParser(), async (ctx) => {
    const { message } = Object(ctx.request.body) as { readonly message?: unknown }
    if (typeof message !== 'string' || !/\border\b/i.test(message)) {
      ctx.body = { reply: 'Ask me where your order is.' }
      return
    }
    // Digits only, so that nothing of the message can change which path is asked for.
    const [number] = /\d+/.exec(message) ?? []
    const answer = await ask(number ? `${orders}/orders/${number}` : `${orders}/orders`, getAuth(ctx).token)
    if (!answer) refuse(ctx)
    else if (answer.status === 404) ctx.body = { reply: `There is no order ${number} that you may see.` }
    else if (answer.ok) ctx.body = { reply: tell([await answer.json()].flat() as readonly Order[]) }
    else await relay(ctx, answer)
  })
  const app = new Koa()
  app.use(requireJwt(trust)).use(router.routes())
  return app
}

async function ask(url: string, token: string): Promise<Response | undefined> {
  const init = { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5000) }
  return fetch(url, init).catch(() => undefined)
}

function tell(orders: readonly Order[]): string {
  if (orders.length === 0) return 'You have no orders.'
  return orders.map(({ id, whereabouts }) => `Order ${id} is ${whereabouts}.`).join(' ')
}

function refuse(ctx: Context): void {
  ctx.status = 502
  ctx.body = { error: 'the order service does not answer' }
}

/** Hands on a refusal as it stands: it is about the caller's token, and the caller knows what to do about it. */
async function relay(ctx: Context, answer: Response): Promise<void> {
  ctx.status = answer.status
  ctx.body = await answer.text()
  for (const name of ['Content-Type', 'Cache-Control', 'WWW-Authenticate', 'Retry-After']) {
    const value = answer.headers.get(name)
    if (value !== null) ctx.set(name, value)
  }
}
