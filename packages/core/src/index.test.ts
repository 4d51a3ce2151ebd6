import { describe, expect, test } from 'vitest'
import * as core from './index.js'

describe('the package', () => {
  test('gives these names and no other: each is a promise', () => {
    expect(Object.keys(core).toSorted()).toEqual([
      'AUTH_ERRORS',
      'AuthError',
      'ConfigError',
      'ReplayStoreFull',
      'allOf',
      'anyOf',
      'assertGranted',
      'bearerHeader',
      'createAdapter',
      'createVerifier',
      'dpop',
      'formBody',
      'hasClaim',
      'hasGroup',
      'hasPermission',
      'hasProof',
      'hasRole',
      'hasScope',
      'isAuthError',
      'isConfigError',
      'isGranted',
      'isRefusal',
      'logEvents',
      'memoryKeyStore',
      'memoryReplayStore',
      'mtls',
      'queryParameter',
      'refuse',
      'sealedKeyStore',
    ])
  })
})
