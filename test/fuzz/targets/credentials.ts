import { unescape } from 'node:querystring'
import { bearerHeader } from '../../../packages/core/src/credentials/bearer-header.js'
import { formBody } from '../../../packages/core/src/credentials/form-body.js'
import { isPreflight } from '../../../packages/core/src/credentials/preflight.js'
import { queryParameter } from '../../../packages/core/src/credentials/query-parameter.js'
import { readCredentials } from '../../../packages/core/src/credentials/read-credentials.js'
import {
  isToken68 as isBearerText,
  NO_TOKEN68,
  type TokenSource,
} from '../../../packages/core/src/credentials/token-source.js'
import { isRefusal } from '../../../packages/core/src/refusal.js'
import type { RequestView } from '../../../packages/core/src/request.js'
import { mutateText, pick } from '../mutate.js'
import { isToken68, slowBearer } from '../reference.js'
import type { Target } from '../target.js'

const FIELDS = [
  'Bearer abc.def.ghi',
  'bearer  a=',
  'BEARER a~+/==',
  'Basic YTpi',
  'Bearer',
  'Bearer\tabc',
  'Bearer a, Bearer b',
  'Digest a="b", c="d"',
  'Basic YQ==, Bearer x',
  'Bearers abc',
]
const URLS = [
  '/',
  '/a?access_token=abc',
  '/?x=1&access_token=a%2Eb',
  '/?access_token=a&access_token=b',
  '/?access%5Ftoken=a',
]
const TYPES = [
  '',
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=utf-8',
  'text/plain',
]
const FORMS = ['', '"abc"', '"a","b"', '1', 'null', '{}', '"a b"']
const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS']

/** The readers of tokens. An input has a line for method, URL, type, values of the form; then one per field value. */
export const credentials: Target = {
  name: 'credentials',
  rooms: [
    'credentials/authorization.ts',
    'credentials/bearer-header.ts',
    'credentials/form-body.ts',
    'credentials/preflight.ts',
    'credentials/query-parameter.ts',
    'credentials/read-credentials.ts',
    'credentials/token-source.ts',
  ],
  words: [...FIELDS, 'Bearer ', ' ', '=', ',', ', ', 'a', '&', '?', '%', '%3D', 'access_token=', '+', 'A.'],
  maxLength: 65_536,
  generate(random) {
    const fields = Array.from({ length: 2.3 * random() }, () => pick(FIELDS, random))
    const lines = [pick(URLS, random), pick(TYPES, random), pick(FORMS, random), ...fields]
    const broken = lines.map((line) => (random() < 0.6 ? line : mutateText(line, credentials.words, random)))
    return [pick(METHODS, random), ...broken.map((line) => line.replaceAll('\n', ' '))].join('\n')
  },
  run: (input) => SOURCES.map((source) => source(viewOf(input))),
  wrap: (text) =>
    ['POST', `/?${text}`, text, '', `Bearer ${text}"`].map((line) => line.replaceAll('\n', ' ')).join('\n'),
  async check(input) {
    const view = viewOf(input)
    const expected = [slowHeader(view), slowQuery(view), slowForm(input, view)]
    const read = await Promise.all(SOURCES.map(async (source) => source(view)))
    for (const [index, found] of read.entries()) {
      const name = ['the header', 'the query', 'the form'][index]
      if (isRefusal(found) && found.code !== 'request_malformed')
        return `${name} is refused with ${found.code}`
      if ((isRefusal(found) ? REFUSED : found) !== expected[index])
        return `${name} is read other than by the reference`
    }
    const all = await readCredentials(view, SOURCES)
    const present = expected.filter((one) => one !== undefined)
    const [only] = present
    if (typeof all === 'string')
      return present.length === 1 && all === only ? undefined : 'one of two tokens wins'
    if (!isRefusal(all)) return 'a bearer token comes under another scheme'
    if (present.length === 1 && only !== REFUSED) return 'the one token is refused'
    const code = present.length === 0 ? 'token_missing' : 'request_malformed'
    if (all.code !== code) return `refuses with ${all.code}`
    return (all.detail?.includes('CORS') ?? false) === (code === 'token_missing' && isPreflight(view))
      ? undefined
      : 'gives another hint'
  },
}

const header = bearerHeader()

// The reader of the header leaves one rule to the verifier, which asks for it where a text cannot be read.
const strictHeader: TokenSource = (request) => {
  const found = header(request)
  return typeof found === 'string' && !isBearerText(found) ? NO_TOKEN68 : found
}

const SOURCES = [strictHeader, queryParameter(), formBody()] as const
const REFUSED = Symbol('refused')
type Expected = string | undefined | typeof REFUSED

function viewOf(input: string): RequestView {
  const [method = '', url = '', type = '', form = '', ...fields] = input.split('\n', 8)
  const values: Readonly<Record<string, readonly string[]>> = {
    authorization: fields,
    'content-type': type === '' ? [] : type.split('|'),
    origin: ['x'],
    'access-control-request-method': ['GET'],
  }
  const formValues = valuesOf(form)
  return {
    method,
    url,
    values: (name) => values[name] ?? [],
    form: () => (form.length % 2 === 0 ? formValues : Promise.resolve(formValues)),
  }
}

function valuesOf(form: string): readonly unknown[] | undefined {
  try {
    return JSON.parse(`[${form}]`) as readonly unknown[]
  } catch {
    return undefined
  }
}

function onlyOne(values: readonly unknown[]): Expected {
  const [value, another] = values
  if (values.length === 0) return undefined
  return another === undefined && values.length === 1 && typeof value === 'string' && isToken68(value)
    ? value
    : REFUSED
}

// RFC 6750 §2.1. A second value, or what looks like two that were joined, is refused whatever the scheme is.
function slowHeader(view: RequestView): Expected {
  const [value, another] = view.values('authorization')
  if (value === undefined) return undefined
  if (another !== undefined) return REFUSED
  const token = slowBearer(value)
  if (token !== undefined) return token
  const [scheme = ''] = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*/.exec(value) ?? []
  if (scheme.toLowerCase() === 'bearer') return REFUSED
  return isJoined(value) ? REFUSED : undefined
}

function isJoined(value: string): boolean {
  const parts = value.split(',')
  const [first = ''] = parts
  const space = first.indexOf(' ')
  const rest = first.slice(space).replace(/^ +/, '').replace(/ +$/, '')
  const scheme = first.slice(0, space)
  if (parts.length > 1 && space > 0 && !/[\s,]/.test(scheme) && isToken68(rest)) return true
  return parts
    .slice(1)
    .some((part) => /^(?:bearer|dpop)(?: |$)/i.test(part.replace(/^ +/, '')) && isScheme(part, parts))
}

// The scheme ends with the field or with a space, never with a comma.
function isScheme(part: string, parts: readonly string[]): boolean {
  return part.replace(/^ +/, '').includes(' ') || part === parts.at(-1)
}

function slowQuery({ url }: RequestView): Expected {
  const at = url.indexOf('?')
  const pairs = at === -1 ? [] : url.slice(at + 1).split('&')
  const named = pairs
    .map((pair) => pair.split('='))
    .filter(([name = '']) => readPart(name) === 'access_token')
  return onlyOne(named.map(([, ...value]) => readPart(value.join('='))))
}

function readPart(text: string): string {
  return unescape(text.replaceAll('+', ' '))
}

function slowForm(input: string, view: RequestView): Expected {
  const [type, another] = view.values('content-type')
  if (view.method === 'GET' || view.method === 'HEAD' || type === undefined || another !== undefined)
    return undefined
  const [essence = ''] = type.split(';')
  if (essence.replace(/ +$/, '').toLowerCase() !== 'application/x-www-form-urlencoded') return undefined
  return onlyOne(valuesOf(input.split('\n')[3] ?? '') ?? [])
}
