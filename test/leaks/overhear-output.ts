import { ChildProcess } from 'node:child_process'
import { inspect } from 'node:util'
import { vi } from 'vitest'
import { overhear } from './overhear.js'

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const

/** Listens to the console, to the output of this process, and to that of processes which it starts and reads. */
export function overhearOutput(tell: (text: string) => void): void {
  const hear = (args: readonly unknown[]): void => tell(textOf(args))
  for (const name of METHODS) overhear(console, name, hear)
  for (const stream of [process.stdout, process.stderr]) overhear(stream, 'write', ([chunk]) => hear([chunk]))
  overhear(ChildProcess.prototype, 'spawn', (_args, _result, child) => {
    const { stdout, stderr } = child as ChildProcess
    // What arrives, whoever reads it and whenever: a listener would make the stream flow.
    for (const stream of [stdout, stderr]) if (stream) overhear(stream, 'push', ([chunk]) => hear([chunk]))
  })
}

/** Gives what went to mocks of the console and of the output: they let nothing through. */
export function mockedOutput(): readonly string[] {
  const methods = METHODS.map((name) => Reflect.get(console, name) as unknown)
  const writes = [process.stdout, process.stderr].map((stream) => Reflect.get(stream, 'write') as unknown)
  return [...methods, ...writes].flatMap((method) =>
    vi.isMockFunction(method) ? method.mock.calls.map((args) => textOf(args)) : [],
  )
}

function textOf(values: readonly unknown[]): string {
  return values.map(wordOf).join(' ')
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  return inspect(value, { depth: 8, maxArrayLength: null, maxStringLength: null, breakLength: Infinity })
}
