export * from '@require-jwt/core'
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
