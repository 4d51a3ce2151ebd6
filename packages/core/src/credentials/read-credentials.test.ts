import { describe, expect, test, vi } from 'vitest'
import { refuse } from '../refusal.js'
import { viewOf } from '../tokens.test-support.js'
import { bearerHeader } from './bearer-header.js'
import { dpopHeader } from './dpop-header.js'
import { queryParameter } from './query-parameter.js'
import { readCredentials } from './read-credentials.js'
import type { FoundToken, TokenSource } from './token-source.js'

function sources(...found: readonly (FoundToken | Promise<FoundToken>)[]): readonly TokenSource[] {
  return found.map((item) => () => item)
}

const BOTH = viewOf({ authorization: 'Bearer header' }, { url: '/?access_token=query' })
const TWO_METHODS = { code: 'request_malformed', detail: 'the access token is sent by more than one method' }

describe('readCredentials', () => {
  test('gives the token of the one source that has one', () => {
    expect(readCredentials(viewOf(), sources(undefined, 'abc', undefined))).toBe('abc')
  })

  test('gives a token with its scheme, where the source says one', async () => {
    const token = { scheme: 'DPoP', token: 'abc' } as const
    expect(readCredentials(viewOf(), sources(token))).toBe(token)
    expect(readCredentials(viewOf(), sources(undefined, token))).toBe(token)
    await expect(readCredentials(viewOf(), sources(Promise.resolve(token)))).resolves.toBe(token)
  })

  test.each([
    ['Bearer abc', 'abc'],
    ['DPoP abc', { scheme: 'DPoP', token: 'abc' }],
    ['Basic abc', { code: 'token_missing', detail: 'the Authorization scheme is not Bearer' }],
  ])('reads one field under either scheme: %s', (authorization, expected) => {
    expect(readCredentials(viewOf({ authorization }), [bearerHeader(), dpopHeader])).toEqual(expected)
  })

  test.each([
    ['twice', ['Bearer a', 'DPoP b']],
    ['twice, the other way round', ['DPoP b', 'Bearer a']],
    ['joined', 'DPoP a, Bearer b'],
  ])('refuses a field with both schemes: %s', (_, authorization) => {
    expect(readCredentials(viewOf({ authorization }), [bearerHeader(), dpopHeader])).toEqual({
      code: 'request_malformed',
      detail: 'there is more than one Authorization value',
    })
  })

  test('asks every source for the request itself', async () => {
    const source = vi.fn<TokenSource>(() => undefined)
    const view = viewOf()
    await readCredentials(view, [source])
    expect(source).toHaveBeenCalledExactlyOnceWith(view)
  })

  test('does not read a source that is off: the header wins', () => {
    expect(readCredentials(BOTH, [bearerHeader()])).toBe('header')
  })

  test('refuses two methods where both are on', () => {
    expect(readCredentials(BOTH, [bearerHeader(), queryParameter()])).toEqual(TWO_METHODS)
  })

  test('refuses two methods also where both carry the same token', () => {
    expect(readCredentials(viewOf(), sources('abc', 'abc'))).toEqual(TWO_METHODS)
  })

  test('refuses a DPoP token beside another one, whatever its scheme', () => {
    const token = { scheme: 'DPoP', token: 'abc' } as const
    expect(readCredentials(viewOf(), sources('abc', token))).toEqual(TWO_METHODS)
    expect(readCredentials(viewOf(), sources(token, token))).toEqual(TWO_METHODS)
    const view = viewOf({ authorization: 'DPoP abc' }, { url: '/?access_token=query' })
    expect(readCredentials(view, [queryParameter(), dpopHeader])).toEqual(TWO_METHODS)
  })

  test.each([
    ['first', [refuse('request_malformed', 'bad'), 'abc']],
    ['last', ['abc', undefined, refuse('request_malformed', 'bad')]],
    ['only', [refuse('request_malformed', 'bad')]],
  ])('refuses as the source that refuses, when it is the %s', (_, found) => {
    expect(readCredentials(viewOf(), sources(...found))).toEqual({ code: 'request_malformed', detail: 'bad' })
  })

  test.each([
    ['token', ['abc'], 'abc'],
    ['refusal', [refuse('request_malformed', 'bad')], { code: 'request_malformed', detail: 'bad' }],
    ['two tokens', ['abc', 'def'], TWO_METHODS],
    ['nothing', [undefined], { code: 'token_missing', detail: undefined }],
  ])('waits for sources that have to wait: %s', async (_, found, expected) => {
    const waiting = sources(undefined, ...found.map((item) => Promise.resolve(item)))
    const outcome = readCredentials(viewOf(), waiting)
    expect(outcome).toBeInstanceOf(Promise)
    expect(await outcome).toEqual(expected)
  })

  test('waits where only one of several sources has to', async () => {
    await expect(readCredentials(viewOf(), sources('abc', Promise.resolve(undefined)))).resolves.toBe('abc')
  })

  test('refuses a request without any token as token_missing, with nothing to explain', () => {
    expect(readCredentials(viewOf(), sources(undefined))).toEqual({
      code: 'token_missing',
      detail: undefined,
    })
    expect(readCredentials(viewOf(), [])).toEqual({ code: 'token_missing', detail: undefined })
  })

  test('tells the operator that there was another scheme', () => {
    expect(readCredentials(viewOf({ authorization: 'Basic abc' }), [bearerHeader()])).toEqual({
      code: 'token_missing',
      detail: 'the Authorization scheme is not Bearer',
    })
  })

  test('tells the operator what lets preflights through', () => {
    const preflight = viewOf(
      { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
      { method: 'OPTIONS' },
    )
    expect(readCredentials(preflight, [bearerHeader()])).toEqual({
      code: 'token_missing',
      detail: 'CORS preflight reached requireJwt: mount the CORS middleware before it',
    })
  })
})
