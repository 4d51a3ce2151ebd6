import { AuthError } from './auth-error.js'
import { refuse } from './refusal.js'

/** The longest delay a timer takes, in milliseconds: a longer one would fire at once. */
const MAX_DELAY = 2_147_483_647

/** What is known of a timer on every runtime: in many it is a number. */
interface Timer {
  unref?: () => void
}

/**
 * Makes a signal that aborts at a moment (seconds since the epoch) with an `AuthError` `token_expired` as its
 * reason. It never keeps the process alive. `now` gives milliseconds since the epoch.
 */
export function abortAt(expiresAt: number, now: () => number): AbortSignal {
  const controller = new AbortController()
  const wait = (): void => {
    const left = expiresAt * 1000 - now()
    if (left <= 0) {
      controller.abort(new AuthError(refuse('token_expired', 'exp has passed')))
      return
    }
    const timer: Timer = setTimeout(wait, Math.min(left, MAX_DELAY))
    timer.unref?.()
  }
  wait()
  return controller.signal
}
