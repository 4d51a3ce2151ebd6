import type { FetchLike } from './options.js'

/** What a platform fetches with where the user passed no `fetch`. */
export interface DefaultFetch {
  /** One reference for everybody: `fetch` is part of the identity of a key source. */
  readonly defaultFetch: FetchLike
}
