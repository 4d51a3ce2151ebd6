/**
 * How tests resolve what packages export and import. Tests run on the sources: no build stands between an edit and its
 * test. Without `node` they run on the WebCrypto path, as on any other runtime: `CRYPTO_PATH=web`.
 */
export const CONDITIONS = [
  '@require-jwt/source',
  ...(process.env.CRYPTO_PATH === 'web' ? [] : ['node']),
  'module',
  'development|production',
]
