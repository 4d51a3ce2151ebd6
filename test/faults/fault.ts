import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** Bytes of the documents that are too large. */
export const HUGE = 30 * 1024 * 1024

/** What an issuer does with a request instead of answering it well. */
export type Fault =
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'hang' | 'reset'; readonly where: 'before the headers' | 'in the body' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'huge'; readonly declared: boolean }
  | { readonly kind: 'length'; readonly off: number }
  | { readonly kind: 'html' | 'half' | 'bomb' }
  | { readonly kind: 'body'; readonly body: string }

const JSON_TYPE = { 'content-type': 'application/json' }

/** Answers with a document that was to be had, as the fault has it. */
export function answer(response: ServerResponse, document: string, fault: Fault | undefined): void {
  switch (fault?.kind) {
    case undefined:
      return send(response, document)
    case 'slow':
      setTimeout(() => send(response, document), fault.ms)
      return undefined
    case 'hang':
      return fault.where === 'in the body' ? begin(response, document) : undefined
    case 'reset':
      if (fault.where === 'before the headers') return reset(response)
      begin(response, document)
      return void setImmediate(() => reset(response))
    case 'status': {
      const { status, retryAfter } = fault
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
      return void response.writeHead(status, { ...JSON_TYPE, ...headers }).end('{"error":"down"}')
    }
    case 'redirect':
      return void response.writeHead(302, { location: fault.to }).end()
    case 'huge':
      return stream(response, document, fault.declared)
    case 'length': {
      const length = Buffer.byteLength(document) + fault.off
      response.writeHead(200, { ...JSON_TYPE, 'content-length': length, connection: 'close' })
      return void response.write(document, () => response.socket?.end())
    }
    case 'html':
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Soon back')
    case 'half':
      return send(response, document.slice(0, document.length / 2))
    case 'bomb':
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
      return void response.end(pack(document))
    case 'body':
      return send(response, fault.body)
  }
}

const packed = new Map<string, Buffer>()

function pack(document: string): Buffer {
  const bytes = packed.get(document) ?? gzipSync(document + ' '.repeat(HUGE), { level: 1 })
  packed.clear()
  packed.set(document, bytes)
  return bytes
}

function send(response: ServerResponse, document: string): void {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(document) }).end(document)
}

/** Sends half of what it announces. */
function begin(response: ServerResponse, document: string): void {
  response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(document) })
  response.write(document.slice(0, document.length / 2))
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

/** Sends the document and spaces after it, which JSON allows, as fast as somebody reads. */
function stream(response: ServerResponse, document: string, declared: boolean): void {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  const length = Buffer.byteLength(document)
  response.writeHead(200, { ...JSON_TYPE, ...(declared ? { 'content-length': HUGE } : {}) })
  response.write(document)
  let left = HUGE - length
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const part = chunk.subarray(0, left)
      left -= part.length
      if (!response.write(part)) return void response.once('drain', more)
    }
    response.end()
  }
  more()
}
