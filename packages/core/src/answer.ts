import { AuthError } from './auth-error.js'
import { CHALLENGE } from './challenge.js'
import { describeError, describeProblem } from './problem.js'
import type { Refusal } from './refusal.js'
import type { ResponseSettings } from './response-options.js'
import { BEARER_ONLY, type Schemes } from './schemes.js'

/** What an adapter writes out. Headers that others set and that are not named here stay. */
export interface Answer {
  readonly status: number
  /** Replace headers of the same name. */
  readonly headers: Readonly<Record<string, string>>
  /** Stand beside headers of the same name: the challenge beside those of others (RFC 9110 §11.6.1). */
  readonly appended: Readonly<Record<string, string>>
  /** `undefined`: no body, as for HEAD (RFC 9110 §9.3.2). */
  readonly body: string | undefined
}

/** Turns a refusal into what goes out: the one place where this happens, for every framework. */
export function writeAnswer(
  refusal: Refusal,
  method: string,
  settings: ResponseSettings,
  schemes: Schemes = BEARER_ONLY,
): Answer {
  const error = new AuthError(refusal, settings.challenge, schemes)
  const { status } = error
  const { [CHALLENGE]: challenge, ...headers } = error.headers
  const content = writeBody(refusal, error, settings.body)
  return {
    status,
    headers: { ...headers, ...(content && { 'Content-Type': content.type }) },
    appended: challenge === undefined ? {} : { [CHALLENGE]: challenge },
    body: method === 'HEAD' ? undefined : content?.text,
  }
}

interface Content {
  readonly type: string
  readonly text: string
}

function writeBody(refusal: Refusal, error: AuthError, body: ResponseSettings['body']): Content | undefined {
  if (body === 'problem') return json('application/problem+json', describeProblem(refusal))
  if (body === 'oauth') return json('application/json', describeError(refusal))
  const own = body(error)
  if (own === undefined) return undefined
  return typeof own === 'string'
    ? { type: 'text/plain; charset=utf-8', text: own }
    : json('application/json', own)
}

function json(type: string, value: unknown): Content {
  return { type, text: JSON.stringify(value) }
}
