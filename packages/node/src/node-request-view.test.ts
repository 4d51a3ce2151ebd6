import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { connect, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { nodeRequestView, type NodeRequest } from './node-request-view.js'

const open = new Set<{ close(): unknown }>()

afterEach(() => {
  for (const server of open) server.close()
  open.clear()
})

async function portOf(server: Server): Promise<number> {
  open.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Shows what the view of a request sees, which is sent byte for byte over HTTP/1.1. */
async function overHttp(head: readonly string[], look: (req: IncomingMessage) => unknown): Promise<unknown> {
  let seen: unknown
  const server = createServer((req, res) => {
    seen = look(req)
    res.end()
  })
  const port = await portOf(server)
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write([...head, 'Host: api.example', 'Connection: close', '', ''].join('\r\n'))
    })
    socket.on('data', () => undefined)
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })
  return seen
}

/** Shows what the view of a request sees, which is sent over a Unix socket. */
async function overUnixSocket(look: (req: IncomingMessage) => unknown): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'require-jwt-'))
  const path = join(folder, 'socket')
  const server = createServer()
  try {
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const socket = connect(path).on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: api.example\r\n\r\n')
    return await new Promise<unknown>((resolve) => {
      server.on('request', (req) => {
        resolve(look(req))
        socket.destroy()
      })
    })
  } finally {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
    rmSync(folder, { recursive: true })
  }
}

/** A frame of HTTP/2 (RFC 9113 §4.1). */
function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A field that is not indexed, its name being from the static table (RFC 7541 §6.2.2, Appendix A). */
function field(index: number, value: string): Buffer {
  const name = index < 15 ? [index] : [15, index - 15]
  return Buffer.from([...name, value.length, ...Buffer.from(value)])
}

const GET = 0x82
const HTTP = 0x86
const AUTHORITY = 1
const PATH = 4
const AUTHORIZATION = 23
const [SETTINGS, HEADERS] = [4, 1]
const END_STREAM_AND_HEADERS = 5

/** Shows what the view of a GET over HTTP/2 sees: in frames, because Node's client sends no field twice. */
async function overHttp2(
  path: string,
  values: readonly string[],
  look: (req: NodeRequest) => unknown,
): Promise<unknown> {
  const block = [
    Buffer.from([GET, HTTP]),
    field(AUTHORITY, 'api.example'),
    field(PATH, path),
    ...values.map((value) => field(AUTHORIZATION, value)),
  ]
  const server = createHttp2Server()
  const port = await portOf(server)
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).resume()
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)))
  socket.write(frame(HEADERS, END_STREAM_AND_HEADERS, 1, Buffer.concat(block)))
  const seen = await new Promise<unknown>((resolve) => {
    server.on('request', (req, res) => {
      resolve(look(req))
      res.end()
    })
  })
  socket.destroy()
  return seen
}

function authorization(req: NodeRequest): readonly string[] {
  return nodeRequestView(req).values('authorization')
}

/** A request of a framework, as far as the view looks at it. */
function made(parts: object): NodeRequest {
  return { method: 'POST', url: '/', rawHeaders: [], ...parts } as unknown as NodeRequest
}

describe('nodeRequestView over HTTP/1.1', () => {
  test('shows method and URL as the client sent them', async () => {
    const seen = await overHttp(['PATCH /orders/5?a=%20b HTTP/1.1'], (req) => {
      const { method, url } = nodeRequestView(req)
      return { method, url }
    })
    expect(seen).toEqual({ method: 'PATCH', url: '/orders/5?a=%20b' })
  })

  test('shows a field in whatever case it was sent, and none that was not', async () => {
    expect(await overHttp(['GET / HTTP/1.1', 'AUTHORIZATION: Bearer a'], authorization)).toEqual(['Bearer a'])
    expect(await overHttp(['GET / HTTP/1.1', 'Proxy-Authorization: Bearer a'], authorization)).toEqual([])
  })

  test('shows both of two Authorization fields, of which headers keeps only the first', async () => {
    const seen = await overHttp(
      ['GET / HTTP/1.1', 'Authorization: Bearer a', 'X-Other: authorization', 'authorization: Bearer b'],
      (req) => [req.headers.authorization, authorization(req)],
    )
    expect(seen).toEqual(['Bearer a', ['Bearer a', 'Bearer b']])
  })

  test('takes no value for a field name', async () => {
    expect(
      await overHttp(['GET / HTTP/1.1', 'X-Name: authorization', 'X-Next: Bearer a'], authorization),
    ).toEqual([])
  })
})

describe('nodeRequestView over HTTP/2', () => {
  test('shows method, URL and fields', async () => {
    const seen = await overHttp2('/orders?x=1', ['Bearer a'], (req) => {
      const view = nodeRequestView(req)
      return [view.method, view.url, view.values('authorization'), view.values('x-other')]
    })
    expect(seen).toEqual(['GET', '/orders?x=1', ['Bearer a'], []])
  })

  test('shows both of two authorization fields, of which headers keeps only the first', async () => {
    const seen = await overHttp2('/', ['Bearer a', 'Bearer b'], (req) => [
      req.headers.authorization,
      authorization(req),
    ])
    expect(seen).toEqual(['Bearer a', ['Bearer a', 'Bearer b']])
  })
})

describe('nodeRequestView of what frameworks leave on a request', () => {
  test('shows the URL before a router cut a mount path off', () => {
    expect(nodeRequestView(made({ url: '/5', originalUrl: '/orders/5' })).url).toBe('/orders/5')
    expect(nodeRequestView(made({ url: '/5' })).url).toBe('/5')
    expect(nodeRequestView(made({ url: '/5', originalUrl: '/orders/5' }), { url: '/mine' }).url).toBe('/mine')
  })

  test('shows something also of a request that has neither method nor URL', () => {
    expect(nodeRequestView(made({ method: undefined, url: undefined }))).toMatchObject({
      method: '',
      url: '',
    })
  })

  test.each([
    [{ access_token: 'a' }, ['a']],
    [{ access_token: ['a', 'b'] }, ['a', 'b']],
    [{ access_token: '' }, ['']],
    [{ access_token: { nested: 'a' } }, [{ nested: 'a' }]],
    [{ other: 'a' }, []],
    [Object.create({ access_token: 'inherited' }), []],
    [Object.assign(Object.create(null) as object, { access_token: 'a' }), ['a']],
    ['access_token=a', []],
    [null, []],
    [undefined, []],
  ])('shows every value of a form field, own members only: %j', (body, values) => {
    expect(nodeRequestView(made({ body })).form?.('access_token')).toEqual(values)
  })

  test('reads a body that the framework keeps elsewhere', () => {
    const view = nodeRequestView(made({ body: { t: 'here' } }), { body: { t: 'there' } })
    expect(view.form?.('t')).toEqual(['there'])
  })
})

/** Some DER: nobody looks inside it here. */
const DER = Buffer.from([0x30, 0x00])

function peer(req: NodeRequest): unknown {
  return nodeRequestView(req).peer
}

/** The peer of a request that came over a socket which is made up. */
function peerOn(socket: object): unknown {
  return peer(made({ socket }))
}

describe('nodeRequestView of the other end of the connection', () => {
  test('shows its address, and no certificate where there is no TLS', async () => {
    const plain = { address: '127.0.0.1', certificate: undefined }
    expect(await overHttp(['GET / HTTP/1.1'], peer)).toEqual(plain)
    expect(await overHttp2('/', [], peer)).toEqual(plain)
  })

  test('takes no address from a field', async () => {
    const seen = await overHttp(
      ['GET / HTTP/1.1', 'X-Forwarded-For: 192.0.2.1', 'Forwarded: for=192.0.2.1'],
      peer,
    )
    expect(seen).toHaveProperty('address', '127.0.0.1')
  })

  test('shows neither address nor certificate on a Unix socket', async () => {
    expect(await overUnixSocket(peer)).toEqual({ address: undefined, certificate: undefined })
  })

  test('shows the certificate that the client has shown to the TLS server of this process', () => {
    const socket = {
      remoteAddress: '192.0.2.1',
      raw: DER,
      getPeerCertificate() {
        return { subject: { CN: 'client' }, raw: this.raw }
      },
    }
    expect(peerOn(socket)).toEqual({ address: '192.0.2.1', certificate: DER })
  })

  test.each([
    ['the client has shown none', { getPeerCertificate: () => ({}) }],
    ['the connection has ended, and TLS with it', { getPeerCertificate: () => null }],
    ['the socket knows none', {}],
    ['the socket has something else by that name', { getPeerCertificate: DER }],
  ])('shows no certificate where %s', (_where, socket) => {
    expect(peerOn({ remoteAddress: '192.0.2.1', ...socket })).toEqual({
      address: '192.0.2.1',
      certificate: undefined,
    })
  })

  test('asks for the certificate only when it is wanted', () => {
    let asked = 0
    const getPeerCertificate = (): object => {
      asked += 1
      return { raw: DER }
    }
    const view = nodeRequestView(made({ rawHeaders: ['X-Other', 'a'], socket: { getPeerCertificate } }))
    expect([view.method, view.url, view.values('x-other'), asked]).toEqual(['POST', '/', ['a'], 0])
    expect(view.peer?.certificate).toEqual(DER)
    expect(asked).toBe(1)
  })
})
