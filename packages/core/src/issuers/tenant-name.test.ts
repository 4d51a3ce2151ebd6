import { describe, expect, test } from 'vitest'
import { FRIENDLY, HOSTILE } from './hostile-issuers.test-support.js'
import { isTenantName } from './tenant-name.js'

describe('isTenantName', () => {
  test.each(Object.entries(HOSTILE))('knows %s', (_, issuers) => {
    expect(issuers.filter(isTenantName)).toEqual([])
  })

  test.each(FRIENDLY)('lets the predicate be asked about %s', (issuer) => {
    expect(isTenantName(issuer)).toBe(true)
  })

  test.each([undefined, null, 5, ['https://login.acme.example'], {}])('knows what is no text: %j', (iss) => {
    expect(isTenantName(iss)).toBe(false)
  })

  test('lets no second spelling of a URL pass beside the first', () => {
    const all = [...Object.values(HOSTILE).flat(), ...FRIENDLY].filter(isTenantName)
    const urls = all.map((issuer) => new URL(issuer).href.replace(/\/$/, ''))
    const slashes = all.map((issuer) => issuer.replace(/\/$/, ''))
    expect(urls).toEqual(slashes)
  })
})
