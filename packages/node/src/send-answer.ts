import type { ServerResponse } from 'node:http'
import type { Answer } from '@require-jwt/core'

/** Writes an answer to a response of `node:http`, unless another part of the app has begun to answer. */
export function sendAnswer(res: ServerResponse, answer: Answer): void {
  // A time limit of the app can run out while keys are fetched; there is nobody to hear an exception then.
  if (res.headersSent) return
  res.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value)
  for (const [name, value] of Object.entries(answer.appended)) res.appendHeader(name, value)
  res.end(answer.body)
}
