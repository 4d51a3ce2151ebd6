import { describe, expect, test } from 'vitest'
import type { FormValues } from '../request.js'
import { messageOf, viewOf } from '../tokens.test-support.js'
import { formBody } from './form-body.js'

const FORM = 'application/x-www-form-urlencoded'

interface Sent {
  readonly method?: string
  readonly type?: string | readonly string[]
  readonly form?: (name: string) => FormValues | Promise<FormValues>
}

function inBody({ method = 'POST', type = FORM, form = () => ['abc'] }: Sent, name?: string): unknown {
  return formBody(name)(viewOf({ 'content-type': type }, { method, form }))
}

function unread(): never {
  throw new Error('the body was read')
}

describe('formBody', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('reads access_token of a %s', (method) => {
    expect(inBody({ method, form: (name) => (name === 'access_token' ? ['abc'] : []) })).toBe('abc')
  })

  test('reads the field that is named', () => {
    expect(inBody({ form: (name) => [`value-of-${name}`] }, 'token')).toBe('value-of-token')
  })

  test.each([
    FORM,
    `${FORM}; charset=utf-8`,
    `${FORM};charset=utf-8`,
    `${FORM} ; charset=utf-8`,
    'Application/X-WWW-Form-URLencoded',
  ])('takes the media type %j', (type) => {
    expect(inBody({ type })).toBe('abc')
  })

  test.each([
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    '',
    `${FORM}x`,
    `${FORM} x`,
    ` ${FORM}`,
    `text/plain; ${FORM}`,
  ])('finds nothing in a body of the media type %j', (type) => {
    expect(inBody({ type })).toBeUndefined()
  })

  test('finds nothing where there are no or two media types', () => {
    expect(inBody({ type: [] })).toBeUndefined()
    expect(inBody({ type: [FORM, FORM] })).toBeUndefined()
  })

  test.each(['GET', 'HEAD'])('does not read the body of a %s', (method) => {
    expect(inBody({ method, form: unread })).toBeUndefined()
  })

  test('does not read a body of another media type', () => {
    expect(inBody({ type: 'application/json', form: unread })).toBeUndefined()
  })

  test('finds nothing where no body was parsed, or the adapter has none', () => {
    expect(inBody({ form: () => undefined })).toBeUndefined()
    expect(formBody()(viewOf({ 'content-type': FORM }, { method: 'POST' }))).toBeUndefined()
  })

  test('waits for a body that is still to be read', async () => {
    await expect(inBody({ form: () => Promise.resolve(['abc']) })).resolves.toBe('abc')
    await expect(inBody({ form: () => Promise.resolve(undefined) })).resolves.toBeUndefined()
    await expect(inBody({ form: () => Promise.resolve(['a', 'b']) })).resolves.toMatchObject({
      code: 'request_malformed',
    })
  })

  test.each([
    [['a', 'b'], 'the form field access_token is there more than once'],
    [['a b'], 'the form field access_token is no token68 (RFC 9110 §11.2)'],
    [[{ nested: 'a' }], 'the form field access_token is no token68 (RFC 9110 §11.2)'],
  ])('refuses %j', (values, detail) => {
    expect(inBody({ form: () => values })).toEqual({ code: 'request_malformed', detail })
  })

  test.each([
    ['', '""'],
    [5, '5'],
  ])('takes no %j for a name', (name, got) => {
    expect(messageOf(() => formBody(name as string))).toBe(
      `formBody(name): got ${got}. Pass the name of the form field.`,
    )
  })
})
