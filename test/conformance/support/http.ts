import { connect } from 'node:net'

/** A request as it goes over the wire: nothing between the table and the socket rewrites it. */
export interface Sent {
  /** Default `GET`. */
  readonly method?: string | undefined
  /** Follows the path of the route, without the question mark. */
  readonly query?: string | undefined
  /** Field lines in order; one name may stand twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
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

function write(path: string, host: string, { method = 'GET', query, headers = [], body }: Sent): Buffer {
  const target = query === undefined ? path : `${path}?${query}`
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
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
