export * from '@require-jwt/core'
export { fileKeyStore, resolveHost } from '@require-jwt/node'
export {
  getAuth,
  getOptionalAuth,
  optionalJwt,
  requireAnyGroup,
  requireAnyPermission,
  requireAnyRole,
  requireAnyScope,
  requireClaim,
  requireGroup,
  requireJwt,
  requirePermission,
  requireRole,
  requireScope,
  requireThat,
  shadow,
  type AuthState,
} from './koa.js'
