import type { DefaultFetch } from './default-fetch.js'

/** The global `fetch`, looked up late: one that is replaced after start-up is the one that is used. */
export const defaultFetch: DefaultFetch['defaultFetch'] = (url, init) => fetch(url, init)
