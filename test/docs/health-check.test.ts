import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { documentBlocks } from './blocks.js'

const block = documentBlocks().find(({ language }) => language === 'dockerfile')

// Exec form: what stands behind CMD is JSON, and no shell reads it.
const [program = '', ...words] = JSON.parse(block?.code.match(/CMD (\[.*\])/)?.[1] ?? '[]') as string[]

test.each([
  { answer: 'is alive', status: 200, exitCode: 0 },
  { answer: 'is not', status: 503, exitCode: 1 },
])('the health check for Docker tells an API that $answer, and one that is gone', async (given) => {
  const server = createServer((_req, res) => res.writeHead(given.status).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await exitCodeFor(port)).toBe(given.exitCode)
  server.close()
  await once(server, 'close')
  expect(await exitCodeFor(port)).toBe(1)
})

async function exitCodeFor(port: number): Promise<unknown> {
  expect(program).toBe('node')
  const child = spawn(
    process.execPath,
    words.map((word) => word.replace(':3000', `:${port}`)),
    { stdio: 'ignore' },
  )
  const [code] = await once(child, 'exit')
  return code
}
