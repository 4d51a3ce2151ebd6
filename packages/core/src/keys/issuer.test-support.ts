import { ecJwk, type Reply } from './lab.test-support.js'

/** A key: what it is called and what it is made from. */
export interface PublicKey {
  readonly kid: string
  readonly seed: string
}

/** What a response says of its life, in seconds. */
export interface Caching {
  readonly directive: string
  readonly maxAge: number
  readonly age: number | undefined
  readonly staleIfError: number | undefined
}

/** How an issuer fails. */
export interface Fault {
  readonly fault:
    | `status ${number}`
    | 'no connection'
    | 'hangs'
    | 'hangs in the body'
    | 'no keys'
    | 'no usable keys'
    | 'no JSON'
    | 'HTML'
    | 'too long'
    | 'says that it is too long'
  readonly retryAfter: string | undefined
  readonly afterMs: number | undefined
}

/** What an issuer answers where its keys are. */
export type IssuerMood =
  | Fault
  | {
      readonly keys: readonly PublicKey[]
      readonly afterMs: number | undefined
      readonly caching: Caching | undefined
      readonly validator: 'etag' | 'last-modified' | undefined
      readonly answersConditions: boolean
    }

/** What it answers where its metadata is. */
export type MetadataMood =
  | { readonly place: string; readonly afterMs: number | undefined }
  | {
      readonly fault:
        | `status ${number}`
        | 'no connection'
        | 'hangs'
        | 'another issuer'
        | 'http'
        | 'no JSON'
        | 'HTML'
      readonly afterMs: number | undefined
    }

/** What a response says about its freshness: `undefined` members are not said. */
export interface Said {
  readonly maxAgeMs: number | undefined
  readonly staleIfErrorMs: number | undefined
}

/** What an answer means, by the standards and not by the code. */
export type Meaning =
  | {
      readonly is: 'keys'
      readonly keys: readonly PublicKey[]
      readonly said: Said | undefined
      readonly tag: string
    }
  | { readonly is: 'same'; readonly said: Said | undefined; readonly tag: string }
  | { readonly is: 'metadata'; readonly jwksUri: string }
  | {
      readonly is: 'failure'
      /** It may be tried once more, at once. */
      readonly transient: boolean
      /** Nothing is here, or something else is. */
      readonly absent: boolean
      readonly pauseMs: number
    }

/** One answer. */
export interface Answer {
  readonly reply: Reply
  readonly meaning: Meaning
  /** Its body never ends. */
  readonly stalls?: boolean
}

/** The issuer of every schedule: its path gives its metadata three places. */
export const ISSUER = 'https://idp.example/t'
const FORMS = [
  'https://idp.example/.well-known/oauth-authorization-server/t',
  'https://idp.example/.well-known/openid-configuration/t',
  'https://idp.example/t/.well-known/openid-configuration',
]
const HUGE = JSON.stringify({ keys: [ecJwk('a')], filler: ' '.repeat(300_000) })

/** An authorization server in one of many moods. */
export class FakeIssuer {
  keysMood: IssuerMood = {
    keys: [{ kid: 'a', seed: '1' }],
    afterMs: undefined,
    caching: undefined,
    validator: 'etag',
    answersConditions: true,
  }
  metadataMood: MetadataMood = { place: 'jwks', afterMs: undefined }
  #form: number | undefined
  #editions = new Map<IssuerMood, number>()

  constructor(form: number | undefined) {
    this.#form = form
  }

  /** Where its keys are, as its operator knows. */
  get jwksUri(): string {
    const { metadataMood: mood } = this
    return `https://idp.example/${'place' in mood && this.#form !== undefined ? mood.place : 'jwks'}`
  }

  /** Whether a URL is one that its metadata may be at. */
  isMetadata(url: string): boolean {
    return FORMS.includes(url)
  }

  answer(url: string, headers: Readonly<Record<string, string>>): Answer {
    if (this.isMetadata(url)) {
      return url === FORMS[this.#form ?? -1]
        ? metadataAnswer(this.metadataMood)
        : failed({ status: 404 }, 'absent')
    }
    if (url !== this.jwksUri) return failed({ status: 404 }, 'absent')
    return this.#keysAnswer(this.keysMood, headers)
  }

  #keysAnswer(mood: IssuerMood, headers: Readonly<Record<string, string>>): Answer {
    const condition = headers['if-none-match'] ?? headers['if-modified-since']
    if ('fault' in mood) return faultyAnswer(mood, condition)
    const edition = this.#editions.get(mood) ?? this.#editions.size + 1
    this.#editions.set(mood, edition)
    const tag = mood.validator === undefined ? '' : `"${edition}"`
    const { keys, afterMs } = mood
    const said = mood.caching && saidBy(mood.caching)
    const common = {
      headers: { ...cacheHeaders(mood.caching), ...(mood.validator && { [mood.validator]: tag }) },
      ...(afterMs === undefined ? undefined : { afterMs }),
    }
    if (mood.answersConditions && tag !== '' && condition === tag) {
      return { reply: { ...common, status: 304 }, meaning: { is: 'same', said, tag } }
    }
    const body = { keys: keys.map(({ kid, seed }) => ecJwk(kid, seed)) }
    return { reply: { ...common, body }, meaning: { is: 'keys', keys, said, tag } }
  }
}

function cacheHeaders(caching: Caching | undefined): Record<string, string> {
  if (caching === undefined) return {}
  const { directive, maxAge, age, staleIfError } = caching
  const directives = [
    directive === 'max-age' ? `max-age=${maxAge}` : directive,
    ...(directive === 'no-cache' ? [`max-age=${maxAge}`] : []),
    ...(staleIfError === undefined ? [] : [`Stale-If-Error="${staleIfError}"`]),
  ]
  return { 'cache-control': directives.join(', '), ...(age === undefined ? undefined : { age: `${age}` }) }
}

function saidBy({ directive, maxAge, age = 0, staleIfError }: Caching): Said {
  const isOld = directive === 'no-store' || directive === 'no-cache'
  return {
    maxAgeMs: isOld ? 0 : directive === 'max-age' ? Math.max(0, maxAge - age) * 1000 : undefined,
    staleIfErrorMs: staleIfError === undefined ? undefined : staleIfError * 1000,
  }
}

function faultyAnswer({ fault, retryAfter, afterMs }: Fault, condition: string | undefined): Answer {
  const late = afterMs === undefined ? undefined : { afterMs }
  switch (fault) {
    case 'no connection':
      return failed({ ...late, fault: 'error' }, 'transient')
    case 'hangs':
      return failed({ fault: 'hang' })
    case 'hangs in the body':
      return { ...failed({ ...late, body: { keys: [ecJwk('a')] } }), stalls: true }
    case 'no keys':
      return failed({ ...late, body: { keys: [] } })
    case 'no usable keys':
      return failed({
        ...late,
        body: {
          keys: [
            { kty: 'oct', k: 'AAAA', kid: 'a' },
            { ...ecJwk('b'), use: 'enc' },
          ],
        },
      })
    case 'no JSON':
      return failed({ ...late, body: 'no JSON' })
    case 'HTML':
      return failed({ ...late, body: { keys: [ecJwk('a')] }, headers: { 'content-type': 'text/html' } })
    case 'too long':
      return failed({ ...late, body: HUGE })
    case 'says that it is too long':
      return failed({ ...late, body: { keys: [ecJwk('a')] }, headers: { 'content-length': '30000000' } })
    case 'status 304':
      // To a question without a condition it is no answer at all.
      if (condition === undefined) return failed({ ...late, status: 304 })
      return { reply: { ...late, status: 304 }, meaning: { is: 'same', said: undefined, tag: condition } }
    default:
      return statusAnswer(Number(fault.slice(-3)), retryAfter, late)
  }
}

function statusAnswer(status: number, retryAfter: string | undefined, late: object | undefined): Answer {
  const isTransient = status === 408 || status === 429 || status >= 500
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  const kind = isTransient ? 'transient' : status === 404 || status === 410 ? 'absent' : undefined
  // Of a redirect it is about the place that it names (RFC 9110 §10.2.3).
  const isPause = kind !== 'absent' && status >= 400
  return failed({ ...late, status, headers }, kind, isPause ? Number(retryAfter ?? 0) * 1000 || 0 : 0)
}

function metadataAnswer(mood: MetadataMood): Answer {
  const late = mood.afterMs === undefined ? undefined : { afterMs: mood.afterMs }
  if ('place' in mood) {
    const jwksUri = `https://idp.example/${mood.place}`
    return {
      reply: { ...late, body: { issuer: ISSUER, jwks_uri: jwksUri } },
      meaning: { is: 'metadata', jwksUri },
    }
  }
  const { fault } = mood
  const evil = 'https://evil.example/jwks'
  switch (fault) {
    case 'no connection':
      return failed({ ...late, fault: 'error' }, 'transient')
    case 'hangs':
      return failed({ fault: 'hang' })
    case 'another issuer':
      return failed({ ...late, body: { issuer: `${ISSUER}/`, jwks_uri: evil } }, 'absent')
    case 'http':
      return failed({ ...late, body: { issuer: ISSUER, jwks_uri: 'http://idp.example/jwks' } })
    case 'no JSON':
      return failed({ ...late, body: evil }, 'absent')
    case 'HTML':
      return failed({ ...late, body: 'moved', headers: { 'content-type': 'text/html' } }, 'absent')
    default:
      return statusAnswer(Number(fault.slice(-3)), undefined, late)
  }
}

function failed(reply: Reply, kind?: 'transient' | 'absent', pauseMs = 0): Answer {
  const meaning = {
    is: 'failure',
    transient: kind === 'transient',
    absent: kind === 'absent',
    pauseMs,
  } as const
  return { reply, meaning }
}
