import type { AdapterName, Plant } from './settings.js'

/** What the server is told at its start. */
export interface ServerSettings {
  readonly issuer: string
  /** When the fast clock began, in milliseconds since the epoch. */
  readonly start: number
  readonly adapters: readonly AdapterName[]
  readonly plant: Plant | undefined
}

/** What the server is asked. It answers `heap` and `report` with a message, `close` by ending. */
export type Question = 'heap' | 'report' | 'close'

/** What the server says. */
export type Said =
  /** The URLs are in the order of the adapters. */
  | { readonly type: 'listening'; readonly urls: readonly string[] }
  | { readonly type: 'heap'; readonly bytes: number }
  | { readonly type: 'report'; readonly report: ServerReport }

/** What the server counted. */
export interface Counts {
  /** Good tokens whose key was held, as the caller knew. */
  readonly known: number
  /** How many of them waited for the network. */
  readonly waited: number
  /** How many ticks of the event loop the slowest of them took. */
  readonly longestTicks: number
  /** How many fetches were to go past caches: an unknown key or a bad signature made the server ask. */
  readonly forced: number
}

/** What the server saw of itself. */
export interface ServerReport {
  readonly counts: Counts
  /** How often `status()` was looked at, how many faults that showed, and the first of them. */
  readonly status: { readonly samples: number; readonly faulty: number; readonly faults: readonly string[] }
  /** How often each state was seen by a sample, and at the start of a fetch. */
  readonly states: Readonly<Record<string, number>>
  /** How often each type of event came. */
  readonly events: Readonly<Record<string, number>>
  /** How many events held a token or the value of a claim. */
  readonly telling: number
  /** The outages as the events tell them, by the clock of the key set. */
  readonly story: readonly string[]
}

/** The header with which the caller says that the key of a good token is held. */
export const KNOWN_HEADER = 'x-known'
