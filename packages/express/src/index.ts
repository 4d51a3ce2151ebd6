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
  type ExpressHandler,
  type ExpressRequest,
} from './express.js'
