import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SERVERS } from './servers/all.js'
import type { Where } from './servers/server.js'

/** What this process is told to serve. */
export interface Task {
  readonly name: string
  readonly where: Where
}

/** What it says: where it listens, then each time that it has made its server anew. */
export interface Said {
  readonly port: number
}

const { name, where } = JSON.parse(process.argv[2] ?? '') as Task
const server = SERVERS.find((each) => each.name === name)
if (server === undefined) throw new Error(`there is no server ${name}`)

let listener: RequestListener = await server.make(where)
const http = createServer((request, response) => listener(request, response))
http.keepAliveTimeout = 0 // connections wait for their turn
http.listen(0, '127.0.0.1', () => say())

process.on('message', () => void renew())
process.on('disconnect', () => process.exit())

async function renew(): Promise<void> {
  if (server !== undefined) listener = await server.make(where)
  say()
}

function say(): void {
  const { port } = http.address() as AddressInfo
  process.send?.({ port } satisfies Said)
}
