import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../options.js'
import { ISSUER, OPTIONS } from '../tokens.test-support.js'
import { createIssuer, type Issuer } from './issuer.js'

function issuerOf(more: object): Issuer {
  const settings = resolveOptions({ ...OPTIONS, ...more })
  const [issuer] = settings.issuers
  if (!issuer) throw new Error('no issuer')
  return createIssuer(issuer, settings, () => undefined)
}

describe('createIssuer', () => {
  test('keeps the settings', () => {
    expect(issuerOf({})).toMatchObject({ issuer: ISSUER, names: [ISSUER], keys: { kind: 'secret' } })
  })

  test('opens the key source once', () => {
    const issuer = issuerOf({})
    expect(issuer.source().status()).toMatchObject({ issuer: ISSUER, state: 'STATIC' })
    expect(issuer.source()).toBe(issuer.source())
  })

  test('closes the key source with its lease', () => {
    const issuer = issuerOf({
      secret: undefined,
      fetch: () => {
        throw new Error('the network was touched')
      },
    })
    expect(issuer.source().status().state).toBe('EMPTY')
    issuer.release()
    expect(issuer.source().status().state).toBe('CLOSED')
  })
})
