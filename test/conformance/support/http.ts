import { connect, type Socket } from 'node:net'

/** One field line. */
export type Line = readonly [name: string, value: string]

/** A request as it goes over the wire: nothing between the table and the socket rewrites it. */
export interface Sent {
  /** Default `GET`. */
  readonly method?: string | undefined
  /** Follows the path of the route, without the question mark. */
  readonly query?: string | undefined
  /** Field lines in order; one name may stand twice. */
  readonly headers?: readonly Line[] | undefined
  /** Field lines that depend on the path, which depends on where the app is mounted: a proof is for a URL. */
  readonly linesFor?: ((path: string) => readonly Line[]) | undefined
  readonly body?: string | undefined
}

/** A response as it came over the wire. */
export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** Everything but the `Date`, which no answer has twice. */
  readonly bytes: string
}

/** Gives the values of a field, in order. */
export function valuesOf(answer: Answer, name: string): readonly string[] {
  return answer.headers
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value)
}

/** Sends a request over a socket of its own and reads the response to its end. */
export async function exchange(url: string, sent: Sent): Promise<Answer> {
  const { hostname, port, pathname } = new URL(url)
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () =>
      socket.write(write(pathname, `${hostname}:${port}`, sent)),
    )
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => resolve(Buffer.concat(chunks)))
    socket.on('error', reject)
  })
  return read(bytes.toString('utf8'))
}

/** Sends requests over one socket, each when the response to the one before is there. */
export async function exchangeInTurn(url: string, requests: readonly Sent[]): Promise<readonly Answer[]> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  const answers: Answer[] = []
  try {
    for (const sent of requests) {
      socket.write(write(pathname, `${hostname}:${port}`, sent, 'keep-alive'))
      // In order: what came before is what may be left behind.
      // oxlint-disable-next-line no-await-in-loop
      answers.push(read(await responseFrom(socket)))
    }
  } finally {
    socket.destroy()
  }
  return answers
}

function responseFrom(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8')
      if (!isWhole(text)) return
      socket.off('data', take).off('error', reject).off('close', lost)
      resolve(text)
    }
    const lost = (): void => reject(new Error(`the connection ended after ${JSON.stringify(text)}`))
    socket.on('data', take).once('error', reject).once('close', lost)
  })
}

// RFC 9112 §6.3. Lengths count bytes; what is read here is ASCII.
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const [, length] = /^content-length: (\d+)/im.exec(text.slice(0, end)) ?? []
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length)
}

function write(
  path: string,
  host: string,
  { method = 'GET', query, headers = [], linesFor, body }: Sent,
  connection = 'close',
): Buffer {
  const target = query === undefined ? path : `${path}?${query}`
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `Connection: ${connection}`,
    ...[...headers, ...(linesFor?.(path) ?? [])].map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, 'utf8')
}

function read(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  const rest = text.slice(end + 4)
  const chunked = headers.some(
    ([name, value]) => name.toLowerCase() === 'transfer-encoding' && value === 'chunked',
  )
  return {
    status: Number(start.split(' ')[1]),
    headers,
    body: chunked ? joinChunks(rest) : rest,
    bytes: [start, ...lines.filter((line) => !/^date:/i.test(line)), '', rest].join('\r\n'),
  }
}

// RFC 9112 §7.1. Lengths count bytes; what is joined here is ASCII.
function joinChunks(text: string): string {
  let body = ''
  let rest = text
  for (;;) {
    const end = rest.indexOf('\r\n')
    const length = Number.parseInt(rest.slice(0, end), 16)
    if (!(length > 0)) return body
    body += rest.slice(end + 2, end + 2 + length)
    rest = rest.slice(end + 2 + length + 2)
  }
}
