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

/** What is thrown for a refusal. Its cause is the `AuthError`, its `getResponse()` the answer. */
export class RefusalException extends HTTPException {
  readonly #answer: () => Response

  constructor(c: Context, error: AuthError, answer: Answer) {
    super(statusOf(answer), { message: error.message, cause: error })
    this.#answer = () => sendAnswer(c, answer)
  }

  /** Answers only now: whoever catches what `getAuth` throws finds the context as it was. */
  override getResponse(): Response {
    return this.#answer()
  }
}

function statusOf(answer: Answer): ContentfulStatusCode {
  return answer.status as ContentfulStatusCode
}
