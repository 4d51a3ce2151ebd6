import { Session } from 'node:inspector/promises'

const CORE = '/packages/core/src/'

/**
 * Begins to count, by V8, which branches of the core are taken; the function that it gives ends it and tells, of
 * files below `packages/core/src`. A branch is a block that V8 counts by itself. What is run once, when a module is
 * loaded, was run before.
 */
export async function startCoverage(): Promise<(rooms: readonly string[]) => Promise<string>> {
  const session = new Session()
  session.connect()
  const urls = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  await session.post('Profiler.enable')
  await session.post('Debugger.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  return async (rooms) => {
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const lines: string[] = []
    let [taken, all] = [0, 0]
    for (const room of rooms) {
      const script = result.find(({ scriptId, url }) =>
        (url || urls.get(scriptId) || '').endsWith(CORE + room),
      )
      if (script === undefined) throw new Error(`the run did not load ${room}`)
      // oxlint-disable-next-line no-await-in-loop -- a dozen files
      const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId: script.scriptId })
      const functions = script.functions.filter(({ functionName }) => functionName !== '')
      const ranges = functions.flatMap((one) => one.ranges)
      const missed = ranges.filter(({ count }) => count === 0)
      taken += ranges.length - missed.length
      all += ranges.length
      lines.push(`${room}: ${ranges.length - missed.length} of ${ranges.length}`)
      for (const { startOffset, endOffset } of missed) {
        const text = scriptSource.slice(startOffset, endOffset).replaceAll(/\s+/g, ' ')
        lines.push(`  not taken: ${text.slice(0, 120)}`)
      }
    }
    session.disconnect()
    return `${lines.join('\n')}\nbranches: ${taken} of ${all}, ${((100 * taken) / all).toFixed(1)} %\n`
  }
}
