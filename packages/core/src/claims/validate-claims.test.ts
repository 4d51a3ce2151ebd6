import { runInNewContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'
import { validateClaims } from './validate-claims.js'

const CLAIMS = Object.freeze({ sub: 'user-1', n: 1 })

function schemaOf(validate: StandardSchema['~standard']['validate']): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

async function detailOf(...issues: readonly SchemaIssue[]): Promise<unknown> {
  const outcome = await validateClaims(
    CLAIMS,
    schemaOf(() => ({ issues })),
  )
  return outcome
}

function refused(paths: string): object {
  return { code: 'claim_invalid', detail: `the claims schema refused: ${paths}` }
}

describe('validateClaims', () => {
  test('gives the claims themselves, at once, where there is no schema', () => {
    const outcome = validateClaims(CLAIMS, undefined)
    expect(outcome).toEqual({ output: CLAIMS })
    expect((outcome as { output: unknown }).output).toBe(CLAIMS)
  })

  test('shows the schema the frozen claims and gives what it makes of them', async () => {
    const validate = vi.fn<StandardSchema['~standard']['validate']>(() => ({ value: { transformed: true } }))
    await expect(validateClaims(CLAIMS, schemaOf(validate))).resolves.toEqual({
      output: { transformed: true },
    })
    expect(validate).toHaveBeenCalledExactlyOnceWith(CLAIMS)
    expect(validate.mock.calls[0]?.[0]).toBe(CLAIMS)
  })

  test('calls validate on the schema, which may need its this', async () => {
    const standard = {
      version: 1,
      vendor: 'test',
      secret: 7,
      validate(): { value: unknown } {
        return { value: this.secret }
      },
    } as const
    await expect(validateClaims(CLAIMS, { '~standard': standard })).resolves.toEqual({ output: 7 })
  })

  test('waits for a schema that has to wait', async () => {
    const good = schemaOf(() => Promise.resolve({ value: 1 }))
    const bad = schemaOf(() => Promise.resolve({ issues: [{ path: ['sub'] }] }))
    await expect(validateClaims(CLAIMS, good)).resolves.toEqual({ output: 1 })
    await expect(validateClaims(CLAIMS, bad)).resolves.toEqual(refused('sub'))
  })

  test('waits also for a promise of another realm: taken for a result, it would let everything pass', async () => {
    const bad = schemaOf(
      () => runInNewContext('Promise.resolve({ issues: [] })') as Promise<{ issues: readonly [] }>,
    )
    await expect(validateClaims(CLAIMS, bad)).resolves.toMatchObject({ code: 'claim_invalid' })
  })

  test.each([undefined, null, { code: 'token_missing', detail: undefined }, false])(
    'takes no output for a refusal: %j',
    async (value) => {
      const outcome = await validateClaims(
        CLAIMS,
        schemaOf(() => ({ value })),
      )
      expect(outcome).toEqual({ output: value })
    },
  )

  test('refuses with the paths of the issues', async () => {
    const key = { key: 'name' }
    expect(await detailOf({ path: ['sub'] })).toEqual(refused('sub'))
    expect(await detailOf({ path: ['address', 'lines', 0, key] })).toEqual(refused('address.lines.0.name'))
    expect(await detailOf({ path: [Symbol('s')] })).toEqual(refused('Symbol(s)'))
    expect(await detailOf({ path: ['a'] }, { path: ['b'] })).toEqual(refused('a, b'))
  })

  test('speaks of the claims set where an issue has no path', async () => {
    expect(await detailOf({})).toEqual(refused('the claims set'))
    expect(await detailOf({ path: undefined })).toEqual(refused('the claims set'))
    expect(await detailOf({ path: [] })).toEqual(refused('the claims set'))
  })

  test('refuses also with an empty list of issues', async () => {
    expect(await detailOf()).toEqual(refused(''))
  })

  test('names a path once, five paths at most, and 80 characters of each', async () => {
    expect(await detailOf({ path: ['a'] }, { path: ['a'] })).toEqual(refused('a'))
    const six = ['1', '2', '3', '4', '5', '6'].map((name) => ({ path: [name] }))
    expect(await detailOf(...six)).toEqual(refused('1, 2, 3, 4, 5'))
    expect(await detailOf({ path: ['p'.repeat(81)] })).toEqual(refused('p'.repeat(80)))
  })

  test('never shows a message of the schema: it may contain the value', async () => {
    const issue = { path: ['sub'], message: 'expected "a", got "user-1"' }
    expect(JSON.stringify(await detailOf(issue))).not.toContain('user-1')
  })

  test('lets what a schema throws pass: it is a bug and no bad token', async () => {
    const bug = new TypeError('bug')
    const throws = schemaOf(() => {
      throw bug
    })
    const rejects = schemaOf(() => Promise.reject(bug))
    await expect((async () => validateClaims(CLAIMS, throws))()).rejects.toBe(bug)
    await expect(validateClaims(CLAIMS, rejects)).rejects.toBe(bug)
  })
})
