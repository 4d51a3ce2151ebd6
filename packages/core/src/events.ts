import type { AuthErrorCode } from './errors.js'
import type { RequestSummary } from './request.js'

/** What an observer can see. Never a token, a key, or the value of a claim. */
export type AuthEvent =
  | {
      readonly type: 'authenticated'
      readonly issuer: string
      /** The signature was remembered, not checked again. */
      readonly memo: boolean
      readonly durationMs: number
      readonly request: RequestSummary | undefined
    }
  | {
      readonly type: 'rejected'
      readonly code: AuthErrorCode
      readonly detail: string | undefined
      /** The issuer, configured or a tenant, that the token named; `undefined` where it named none of them. */
      readonly issuer: string | undefined
      readonly request: RequestSummary | undefined
    }
  /** What `shadow` saw: our verdict beside that of the present middleware, which alone counts. */
  | {
      readonly type: 'shadow.compared'
      /** Both accepted, or both refused. */
      readonly agrees: boolean
      /** `accepted`, the code of our refusal, or `failed` where our verdict ended with an exception. */
      readonly ours: 'accepted' | 'failed' | AuthErrorCode
      readonly theirs: 'accepted' | 'refused'
      readonly detail: string | undefined
      readonly issuer: string | undefined
      readonly request: RequestSummary
    }
  /** Said once at start-up: an option that an operator should know to be set. */
  | { readonly type: 'config.notice'; readonly issuer: string | undefined; readonly detail: string }
  | { readonly type: 'keys.refreshed'; readonly issuer: string; readonly keys: number }
  | {
      readonly type: 'keys.changed'
      readonly issuer: string
      /** How many keys joined and left. */
      readonly added: number
      readonly removed: number
    }
  | {
      readonly type: 'keys.outage'
      readonly issuer: string
      /** How long the known keys will still be used; 0 where there are none. */
      readonly remainingMs: number
      /** `warning` when it begins, `critical` at half time of what the keys last, and when none are left. */
      readonly severity: 'warning' | 'critical'
      /** Why the last attempt failed: a word of ours, never the upstream's message. */
      readonly reason: string
    }
  | { readonly type: 'keys.recovered'; readonly issuer: string; readonly outageMs: number }
  /** Look-ups that were refused without asking the issuer again; at most one event every 10 s. */
  | { readonly type: 'keys.suppressed'; readonly issuer: string; readonly count: number }
  /** Tokens that named a key which the issuer does not publish; at most one event every 10 s. */
  | { readonly type: 'keys.unknown'; readonly issuer: string; readonly count: number }
  /** Keys came from `keySet.store`, before the issuer was asked. */
  | { readonly type: 'keys.restored'; readonly issuer: string; readonly keys: number; readonly ageMs: number }
  /** `keySet.store` failed, or took longer than 250 ms to read; at most one event every 10 s for each operation. */
  | {
      readonly type: 'keys.store_failed'
      readonly issuer: string
      readonly operation: 'get' | 'set'
      readonly count: number
    }
  /** Many key sources for one URL: an option is made anew for each request, so nothing is shared. */
  | { readonly type: 'keys.unshared'; readonly issuer: string; readonly option: string }

/** Called synchronously for every event; what it throws is swallowed and counted in `status()`. */
export type Observer = (event: AuthEvent) => void
