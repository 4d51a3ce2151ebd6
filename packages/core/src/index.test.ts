import { describe, expect, test } from 'vitest'
import * as core from './index.js'

describe('the package', () => {
  test('gives these names and no other: each is a promise', () => {
    expect(Object.keys(core).toSorted()).toEqual([
      'AUTH_ERRORS',
      'AuthError',
      'ConfigError',
      'allOf',
      'anyOf',
      'assertGranted',
      'bearerHeader',
      'createAdapter',
      'createVerifier',
      'formBody',
      'hasClaim',
      'hasGroup',
      'hasPermission',
      'hasRole',
      'hasScope',
      'isAuthError',
      'isConfigError',
      'isGranted',
      'isRefusal',
      'logEvents',
      'memoryKeyStore',
      'queryParameter',
      'refuse',
      'sealedKeyStore',
    ])
  })
})
