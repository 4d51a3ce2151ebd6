import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import ts from 'typescript5'
import { readText, ROOT, sourceFiles } from './repository.js'

// Invariant 8 of the key set, on the real event loop: nothing but a fetch under way keeps a process alive. Every
// limit that could is set to a minute, which is longer than the test waits.
const folder = mkdtempSync(join(tmpdir(), 'event-loop-'))
const servers: Server[] = []
let jwks = ''

beforeAll(async () => {
  const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  jwks = JSON.stringify({ keys: [{ ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'a' }] })
  for (const path of sourceFiles('packages/core')) {
    const to = join(folder, path.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(to), { recursive: true })
    const { outputText } = ts.transpileModule(readText(path), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    })
    writeFileSync(to, outputText)
  }
  // What the package imports from itself stands beside the rest of it here.
  const manifest = readText('packages/core/package.json').replaceAll('./dist/', './src/')
  writeFileSync(join(folder, 'packages/core/package.json'), manifest)
  symlinkSync(join(ROOT, 'packages/core/node_modules'), join(folder, 'packages/core/node_modules'))
  writeFileSync(join(folder, 'packages/core/child.mjs'), CHILD)
})

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

const CHILD = `
import { createVerifier } from './src/index.js'
const [issuer, until] = process.argv.slice(2)
const verifier = createVerifier({
  issuer,
  audience: 'https://api.example',
  jwksUri: issuer + '/jwks',
  keySet: { waitMs: 30_000, fetchTimeoutMs: until === 'time limit' ? 1_000 : 60_000 },
})
if (until === 'close') {
  process.stdin.once('data', () => { process.stdin.destroy(); void verifier.close() })
}
const { health } = await verifier.ready()
console.log(health)
`

test('a process with warm keys and no traffic exits at once', async () => {
  const issuer = await serve((_req, res) => res.setHeader('content-type', 'application/json').end(jwks))
  expect(await run(issuer, 'nothing')).toMatchObject({ code: 0, said: 'ok\n' })
})

test('a process whose issuer is down exits, without close()', async () => {
  const issuer = await serve(() => undefined)
  for (const server of servers.splice(0)) server.close()
  expect(await run(issuer, 'nothing')).toMatchObject({ code: 0, said: 'down\n' })
})

test('a process whose issuer hangs exits when the fetch has taken its time, without close()', async () => {
  const issuer = await serve(() => undefined)
  expect(await run(issuer, 'time limit')).toMatchObject({ code: 0, said: 'down\n' })
})

test('a process whose issuer hangs exits on close()', async () => {
  const issuer = await serve(() => undefined)
  const request = once(servers[0] ?? process, 'request')
  expect(await run(issuer, 'close', request)).toMatchObject({ code: 0 })
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Runs the child, which is told to close when `closing` comes. A child that does not exit in 30 s is killed. */
async function run(issuer: string, until: string, closing?: Promise<unknown>): Promise<object> {
  const child = spawn(process.execPath, [join(folder, 'packages/core/child.mjs'), issuer, until], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 30_000,
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  void closing?.then(() => child.stdin.write('close\n'))
  const [code, signal] = await once(child, 'close')
  return { code, signal, said }
}
