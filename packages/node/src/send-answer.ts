import type { ServerResponse } from 'node:http'
import type { Answer } from '@require-jwt/core'

/** Writes an answer to a response of `node:http`. */
export function sendAnswer(res: ServerResponse, answer: Answer): void {
  res.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value)
  for (const [name, value] of Object.entries(answer.appended)) res.appendHeader(name, value)
  res.end(answer.body)
}
