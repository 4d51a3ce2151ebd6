import { Discovery } from '../../../packages/core/src/keys/discovery.js'
import type { ResponseLike } from '../../../packages/core/src/keys/options.js'
import { isConfigError } from '../../../packages/core/src/errors.js'
import { checkKeysUrl } from '../../../packages/core/src/keys/url.js'
import { parseUrl } from '../reference.js'
import { mutateJson, mutateText, pick, writeJson } from '../mutate.js'
import type { Target } from '../target.js'

const ISSUERS = ['https://idp.example/tenant', 'https://idp.example', 'http://localhost:81/'] as const
const ORIGINS = [undefined, [], ['https://keys.example']] as const
const URLS = [
  'https://idp.example/jwks',
  'https://keys.example/jwks?a=b',
  'http://localhost:81/jwks',
  'http://127.0.0.1/jwks',
  'http://[::1]/jwks',
  'http://keys.example/jwks',
  'https://user:pass@idp.example/jwks',
  'https://idp.example/jwks#a',
  'file:///etc/passwd',
  'HTTPS://IDP.example:443/./jwks',
  '//keys.example',
]
const WORDS = [
  ...URLS,
  '#',
  '@',
  '?',
  '\\',
  '/',
  '%23',
  ':80',
  '"',
  '{',
  ',',
  '\\u0000',
  '"issuer":',
  'http:',
]

/** The reader of metadata. An input is the number of an issuer, that of its origins, and a document. */
export const discovery: Target = {
  name: 'discovery',
  rooms: ['keys/discovery.ts', 'keys/url.ts'],
  words: WORDS,
  maxLength: 16_384,
  generate(random) {
    const number = Math.floor(random() * ISSUERS.length)
    const url = mutateText(pick(URLS, random), WORDS, random)
    const document = { issuer: ISSUERS[number], jwks_uri: url, x: [1] }
    const json = random() < 0.6 ? document : mutateJson(document, ['issuer', 'jwks_uri', '__proto__'], random)
    return `${number}${Math.floor(random() * ORIGINS.length)}${writeJson(json, WORDS, random)}`
  },
  run: locate,
  wrap: (text) => `00${text}`,
  async check(input) {
    const { located, again, asked, issuer } = await locate(input)
    const expected = slowLocation(input)
    if (asked.some((url) => !url.startsWith(`${new URL(issuer).origin}/`))) return 'asks somebody else'
    if (!located.ok) return expected === undefined ? undefined : 'refuses what the reference takes'
    if (!again.ok || again.value !== located.value) return 'forgets what was not modified'
    return located.value === expected ? undefined : 'gives another URL than the reference'
  },
}

function settingsOf(input: string): { issuer: string; origins: readonly string[] | undefined; body: string } {
  return {
    issuer: ISSUERS[Number(input[0])] ?? ISSUERS[0],
    origins: ORIGINS[Number(input[1])],
    body: input.slice(2),
  }
}

// What the discovery gives, what it gives when the server says that nothing has changed, and whom it asked.
async function locate(input: string) {
  const { issuer, origins, body } = settingsOf(input)
  const asked: string[] = []
  let known = false
  const source = new Discovery(issuer, {
    clock: { now: () => 0, monotonic: () => 0 },
    transport: {
      fetch: async (url): Promise<ResponseLike> => {
        asked.push(url)
        if (known) return new Response(null, { status: 304 })
        const status = asked.length === 1 && body.length % 2 === 1 ? 404 : 200
        return new Response(Buffer.from(body, 'latin1'), { status, headers: { etag: '"1"' } })
      },
      maxBytes: 1_000_000,
      runtime: { monotonic: () => 0, random: () => 0, after: () => () => undefined },
      now: () => 0,
    },
    isolated: false,
    timeoutMs: 1_000,
    jwksOrigins: origins,
  })
  const located = await source.locate({ again: false, ordered: false })
  known = located.ok
  const again = known ? await source.locate({ again: true, ordered: false }) : located
  source.close()
  return { located, again, asked, issuer }
}

// RFC 8414 §2 and §3.3; http only for an issuer that is on a loopback host itself.
function slowLocation(input: string): string | undefined {
  const { issuer, origins, body } = settingsOf(input)
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'latin1')))
  } catch {
    return undefined
  }
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, 'issuer'))
    return undefined
  const { issuer: named, jwks_uri: text } = document as Readonly<Record<string, unknown>>
  if (named !== issuer || typeof text !== 'string' || !Object.hasOwn(document, 'jwks_uri')) return undefined
  const href = slowSafeUrl(text, issuer)
  const origin = href && new URL(href).origin
  return origins === undefined || origin === new URL(issuer).origin || origins.some((one) => one === origin)
    ? href
    : undefined
}

// https, or http on a loopback host for an issuer on http; no user name, no password, no fragment.
function slowSafeUrl(text: string, issuer: string): string | undefined {
  const url = parseUrl(text)
  if (url === undefined) return undefined
  const { protocol, hostname, username, password, hash, href } = url
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocal && issuer.startsWith('http:')))
    return undefined
  return username || password || hash || href.endsWith('#') ? undefined : href
}

/** The check of a URL that somebody configured. */
export const keysUrl: Target = {
  name: 'keys-url',
  rooms: [],
  words: WORDS,
  maxLength: 65_536,
  generate: (random) => mutateText(pick(URLS, random), WORDS, random),
  run: (input) => {
    try {
      return checkKeysUrl(input, 'jwksUri').href
    } catch (error) {
      if (isConfigError(error)) return error
      throw error
    }
  },
  check(input) {
    const href = keysUrl.run(input)
    const expected = slowSafeUrl(input, 'http://localhost')
    if (isConfigError(href)) {
      if (parseUrl(input) && href.message.includes('user:pass')) return 'shows a password'
      return expected && 'refuses what the reference takes'
    }
    return href === expected ? undefined : 'gives another URL than the reference'
  },
}
