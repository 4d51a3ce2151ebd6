import { connect, type Socket } from 'node:net'

const OK = Buffer.from('200')
/** Where the status is in `HTTP/1.1 200 OK`. */
const STATUS = 9

/** Connections to a server, each with at most one request on its way. */
export class Load {
  readonly #sockets: readonly Socket[]
  /** Bytes of a response: all are alike. */
  readonly #length: number
  #requests: readonly Buffer[] = []
  #next = 0
  #end = 0
  #finish: (error?: Error) => void = () => undefined

  private constructor(sockets: readonly Socket[], length: number) {
    this.#sockets = sockets
    this.#length = length
    for (const socket of sockets) this.#hear(socket)
  }

  /** Opens connections, and learns from one request what a response looks like. */
  static async open(port: number, width: number, probe: Buffer): Promise<Load> {
    const sockets = await Promise.all(Array.from({ length: width }, () => connectTo(port)))
    const [first] = sockets
    if (first === undefined) throw new RangeError('no connection was asked for')
    return new Load(sockets, await lengthOf(first, probe))
  }

  /** Sends so many requests, in turn over all connections. Rejects where one is not answered 200. */
  async send(requests: readonly Buffer[], first: number, count: number): Promise<void> {
    this.#requests = requests
    this.#next = first
    this.#end = first + count
    const width = Math.min(count, this.#sockets.length)
    let busy = width
    await new Promise<void>((resolve, reject) => {
      this.#finish = (error) => {
        busy -= 1
        if (error) reject(error)
        else if (busy === 0) resolve()
      }
      for (const socket of this.#sockets.slice(0, width)) this.#sendNext(socket)
    })
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #sendNext(socket: Socket): void {
    if (this.#next === this.#end) {
      this.#finish()
      return
    }
    const request = this.#requests[this.#next % this.#requests.length]
    this.#next += 1
    if (request !== undefined) socket.write(request)
  }

  #hear(socket: Socket): void {
    let received = 0
    socket.on('error', (error) => this.#finish(error))
    socket.on('data', (chunk: Buffer) => {
      if (received === 0 && !isOk(chunk)) {
        this.#finish(new Error(`a request was answered ${chunk.toString('latin1', 0, 40)}`))
        return
      }
      received += chunk.length
      if (received < this.#length) return
      received = 0
      this.#sendNext(socket)
    })
  }
}

/** Sends one request on a connection of its own, and gives the status. */
export async function statusOf(port: number, request: Buffer): Promise<number> {
  const socket = await connectTo(port)
  try {
    const chunk = await new Promise<Buffer>((resolve, reject) => {
      socket
        .once('data', resolve)
        .once('error', reject)
        .once('close', () => reject(new Error('no answer')))
      socket.write(request)
    })
    return Number(chunk.toString('latin1', STATUS, STATUS + 3))
  } finally {
    socket.destroy()
  }
}

/** Writes a request with a token. */
export function requestOf(token: string): Buffer {
  return Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`, 'latin1')
}

function isOk(chunk: Buffer): boolean {
  return chunk.compare(OK, 0, 3, STATUS, STATUS + 3) === 0
}

function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Bytes of the answer to one request. */
function lengthOf(socket: Socket, probe: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    const hear = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      const length = /^content-length: (\d+)/im.exec(text)
      const complete = length
        ? text.length === head + 4 + Number(length[1])
        : head !== -1 && text.endsWith('\r\n0\r\n\r\n')
      if (!complete) return
      socket.off('data', hear)
      if (text.startsWith('HTTP/1.1 200 ')) resolve(text.length)
      else reject(new Error(`a request was answered ${text.slice(0, 40)}`))
    }
    socket.on('data', hear)
    socket.write(probe)
  })
}
