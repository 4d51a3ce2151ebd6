import { vi } from 'vitest'

/** What this process wrote since. */
export interface Output {
  readonly text: () => string
}

/** Keeps everything that goes to the console or to the output of the process, until the mocks are restored. */
export function captureOutput(): Output {
  const written: unknown[] = []
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const) {
    vi.spyOn(console, name).mockImplementation((...values: unknown[]) => void written.push(...values))
  }
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(chunk)
      return true
    })
  }
  return { text: () => written.map(String).join('\n') }
}
