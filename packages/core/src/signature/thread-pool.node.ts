import { availableParallelism } from 'node:os'

const CORES = availableParallelism()

// The pool has four threads unless the operator says otherwise, and looks up host names as well: a flood of bad
// signatures must not keep us from fetching keys.
const MAX_JOBS = Math.max(1, Math.min(CORES, 3))

/** Starts a job; it calls back when it has ended. */
type Job = (done: (error: Error | null, result: boolean) => void) => void

let isTurnTaken = false
let running = 0
const waiting: (() => void)[] = []

/**
 * Tells whether nothing has been checked in this turn of the event loop. What is alone in a turn is done sooner in
 * place; of more the rest is done sooner beside. On a single core there is no beside.
 */
export function isFirstOfTurn(): boolean {
  if (CORES === 1) return true
  if (isTurnTaken) return false
  isTurnTaken = true
  setImmediate(endTurn)
  return true
}

function endTurn(): void {
  isTurnTaken = false
}

/** Runs a job in the thread pool, at most three at once. */
export function offloaded(job: Job): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (error: unknown, result: boolean): void => {
      running -= 1
      waiting.shift()?.()
      if (error) reject(error)
      else resolve(result)
    }
    const start = (): void => {
      running += 1
      try {
        job(end)
      } catch (error) {
        // A bug of ours, which must not take a place for good.
        end(error, false)
      }
    }
    if (running < MAX_JOBS) start()
    else waiting.push(start)
  })
}
