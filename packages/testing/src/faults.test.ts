import { createVerifier } from '@require-jwt/core'
import { describe, expect, test } from 'vitest'
import { createTestIssuer, FAULTS } from './index.js'

describe('a verifier', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.test' })
  const lenient = createVerifier(issuer.options)
  const strict = createVerifier({ ...issuer.options, profile: 'at+jwt' })

  test('accepts the token that the faults start from, under both profiles', async () => {
    const token = await issuer.token()
    await expect(lenient.verify(token)).resolves.toMatchObject({ subject: 'user-1' })
    await expect(strict.verify(token)).resolves.toMatchObject({ subject: 'user-1', clientId: 'client-1' })
  })

  test.each(FAULTS)('refuses $name with $code, and under at+jwt too', async ({ name, code }) => {
    const token = await issuer.faultyToken(name)
    await expect(lenient.verify(token)).rejects.toMatchObject({ code, status: 401 })
    await expect(strict.verify(token)).rejects.toMatchObject({ status: 401 })
  })

  test('calls no host but the issuer, whatever a token names', () => {
    expect(issuer.requests.filter((url) => !url.startsWith('https://issuer.test/'))).toEqual([])
  })
})
