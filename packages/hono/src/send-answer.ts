import type { Answer, AuthError } from '@require-jwt/core'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Answers a request. Every header through `c.header`: Hono lets earlier ones win over those of a response. */
export function sendAnswer(c: Context, answer: Answer): Response {
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value)
  for (const [name, value] of Object.entries(answer.appended)) c.header(name, value, { append: true })
  return c.newResponse(answer.body ?? null, statusOf(answer))
}

/**
 * Makes of an answer what Hono's error handlers expect. Its response is complete, with the headers that others
 * set; the context stays as it is, for whoever catches what `getAuth` throws.
 */
export function toException(c: Context, error: AuthError, answer: Answer): HTTPException {
  const res = c.newResponse(answer.body ?? null, statusOf(answer))
  for (const [name, value] of Object.entries(answer.headers)) res.headers.set(name, value)
  for (const [name, value] of Object.entries(answer.appended)) res.headers.append(name, value)
  return new HTTPException(statusOf(answer), { message: error.message, cause: error, res })
}

function statusOf(answer: Answer): ContentfulStatusCode {
  return answer.status as ContentfulStatusCode
}
