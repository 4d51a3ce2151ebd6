import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Said, Task } from './serve.js'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number
  /** Has it forget all tokens that it has seen. */
  readonly renew: () => Promise<void>
  readonly end: () => Promise<void>
}

const ENTRY = fileURLToPath(new URL('serve.js', import.meta.url))

/** Starts a server, and waits until it listens. */
export async function startServer(task: Task): Promise<ServerProcess> {
  const child = fork(ENTRY, [JSON.stringify(task)], { env: { ...process.env, NODE_ENV: 'production' } })
  const { port } = await answerOf(child)
  return {
    port,
    async renew() {
      child.send('renew')
      await answerOf(child)
    },
    end: () => endOf(child),
  }
}

function answerOf(child: ChildProcess): Promise<Said> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a server ended with ${code}`))
    child.once('exit', ended).once('message', (said) => {
      child.off('exit', ended)
      resolve(said as Said)
    })
  })
}

async function endOf(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
  })
  child.kill()
  await ended
}
