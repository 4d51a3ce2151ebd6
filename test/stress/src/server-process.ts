import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Question, Said, ServerReport, ServerSettings } from './messages.js'

/** The process under test. */
export interface ServerProcess {
  /** One for each adapter, in their order. */
  readonly urls: readonly string[]
  /** The heap in use after two forced collections. */
  heapBytes(): Promise<number>
  report(): Promise<ServerReport>
  /** Asks it to close what it has, and waits until it ends. */
  close(): Promise<Ending>
}

/** How the process ended. */
export interface Ending {
  /** It had to be killed. */
  readonly killed: boolean
  readonly code: number | null
  readonly tookMs: number
  /** What kept its event loop alive after all was closed. */
  readonly open: readonly string[]
  /** How much it wrote on its standard error, in characters. */
  readonly complained: number
}

const PATIENCE_MS = 2_000

/** Starts the servers in a process of their own. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL('server.js', import.meta.url)), [JSON.stringify(settings)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let complained = 0
  child.stderr?.on('data', (chunk) => {
    complained += String(chunk).length
    process.stderr.write(chunk as Buffer)
  })
  const { urls } = await answerOf(child, 'listening')
  return {
    urls,
    async heapBytes() {
      ask(child, 'heap')
      return (await answerOf(child, 'heap')).bytes
    },
    async report() {
      ask(child, 'report')
      return (await answerOf(child, 'report')).report
    },
    close: async () => ({ ...(await endOf(child)), complained }),
  }
}

function ask(child: ChildProcess, question: Question): void {
  child.send(question)
}

function answerOf<T extends Said['type']>(child: ChildProcess, type: T): Promise<Extract<Said, { type: T }>> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the server ended with ${code}`))
    const hear = (said: Said): void => {
      if (said.type !== type) return
      child.off('message', hear).off('exit', ended)
      resolve(said as Extract<Said, { type: T }>)
    }
    child.on('message', hear).once('exit', ended)
  })
}

async function endOf(child: ChildProcess): Promise<Omit<Ending, 'complained'>> {
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += String(chunk)
  })
  const ended = once(child, 'close')
  const askedAt = performance.now()
  ask(child, 'close')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await ended
  clearTimeout(timer)
  const open = JSON.parse(text === '' ? '["unknown"]' : text) as string[]
  return {
    killed: child.signalCode !== null,
    code: child.exitCode,
    tookMs: performance.now() - askedAt,
    open,
  }
}
