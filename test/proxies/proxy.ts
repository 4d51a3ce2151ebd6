import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { documentBlocks } from '../docs/blocks.js'

/** A proxy that runs, on this machine alone. */
export interface Proxy {
  readonly url: string
  stop(): Promise<void>
}

/** How to start a proxy with a file, and the line with which it says that it listens. */
interface Program {
  readonly command: readonly [file: string, ...flags: string[]]
  readonly ready: RegExp
  /** Makes a whole configuration of the block of the page, in a folder of its own. */
  readonly complete: (block: string, folder: string) => string
}

const PROGRAMS = {
  nginx: {
    command: ['nginx', '-c'],
    ready: /start worker process/,
    complete: (block, folder) => `
      user ${userInfo().username}; daemon off; pid ${folder}/pid; error_log stderr notice; events {}
      http {
        access_log off; lingering_timeout 100ms; # for requests of which it reads no more
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
        fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        proxy_cache_path ${folder}/cache keys_zone=answers:1m;
        ${block}
      }`,
  },
  haproxy: { command: ['haproxy', '-W', '-db', '-f'], ready: /Loading success/, complete: (block) => block },
} as const satisfies Record<string, Program>

/** Gives the blocks of the page that are written for a proxy, in order. */
export function pageBlocks(name: keyof typeof PROGRAMS): readonly string[] {
  return documentBlocks()
    .filter(({ document, language }) => document === 'docs/recipes/proxies.md' && language === name)
    .map(({ code }) => code)
}

/** Starts a proxy with a configuration of the page in front of an API, each on a port of loopback. */
export async function startProxy(
  name: keyof typeof PROGRAMS,
  configuration: string,
  apiPort: number,
): Promise<Proxy> {
  const { command, ready, complete }: Program = PROGRAMS[name]
  const [program, ...flags] = command
  const folder = mkdtempSync(join(tmpdir(), 'require-jwt-proxy-'))
  const file = join(folder, 'configuration')
  const port = await freePort()
  const block = configuration
    .replace(/(listen |bind :)8080/, (_, word: string) => `${word.replace(':', '')}127.0.0.1:${port}`)
    .replace('127.0.0.1:3000', `127.0.0.1:${apiPort}`)
  writeFileSync(file, complete(block, folder))
  const child = spawn(program, [...flags, file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  await listening(child, ready)
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(child: ChildProcess, ready: RegExp): Promise<void> {
  const said: string[] = []
  if (!child.stderr) throw new Error('the proxy has no output to read')
  for await (const line of createInterface(child.stderr)) {
    said.push(line)
    if (!ready.test(line)) continue
    child.stderr.resume() // what it says later is for nobody, but must not fill the pipe
    return
  }
  throw new Error(`the proxy ended before it listened:\n${said.join('\n')}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
