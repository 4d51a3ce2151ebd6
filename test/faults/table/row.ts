import type { Stage } from '../stage.js'

/** One fault, and what must come of it. */
export interface Row {
  readonly fault: string
  readonly must: string
  /** What a contender has to have for this row to be about it. */
  readonly needs?: 'discovery' | 'our options'
  /** Where the status matters, each adapter of ours is asked as well. */
  readonly overHttp?: boolean
  readonly run: (stage: Stage) => Promise<void>
}
