export { createAdapter, type Adapter, type AdapterParts, type Step, type Verdict } from './adapter.js'
export type { Answer } from './answer.js'
export type { Actor, Auth, ProofKind } from './auth.js'
export { AuthError, isAuthError } from './auth-error.js'
export type { ChallengeOptions } from './challenge.js'
export type { ClaimsOptions, Profile, TimeOptions } from './claims/options.js'
export type {
  ClaimsOf,
  JwtClaims,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from './claims/standard-schema.js'
export { bearerHeader } from './credentials/bearer-header.js'
export { formBody } from './credentials/form-body.js'
export { queryParameter } from './credentials/query-parameter.js'
export type { FoundToken, SchemeToken, TokenSource } from './credentials/token-source.js'
export {
  AUTH_ERRORS,
  ConfigError,
  isConfigError,
  type AuthErrorCode,
  type ErrorRow,
  type WireError,
} from './errors.js'
export type { AuthEvent, Observer } from './events.js'
export type { Check, Guards, RequireThat } from './guards/guards.js'
export {
  allOf,
  anyOf,
  assertGranted,
  hasClaim,
  hasGroup,
  hasPermission,
  hasProof,
  hasRole,
  hasScope,
  isGranted,
  type Requirement,
} from './guards/requirement.js'
export type { SourceStatus } from './keys/key-source.js'
export type { KeyOptions } from './keys/location.js'
export { memoryKeyStore, type MemoryKeyStoreOptions } from './keys/memory-key-store.js'
export type { BodyReader, FetchLike, KeySetOptions, ResponseLike } from './keys/options.js'
export { sealedKeyStore } from './keys/sealed-key-store.js'
export type { KeyStore } from './keys/store.js'
export type { TenantsOptions } from './issuers/tenants-options.js'
export { logEvents, type Logger } from './log-events.js'
export type { IssuerOptions, SharedOptions, VerifierOptions } from './options.js'
export type { CertificateFormat } from './proof/client-certificate.js'
export { dpop, type DpopOptions } from './proof/dpop.js'
export type { NonceOptions } from './proof/dpop-nonce.js'
export type {
  BaseUrl,
  Fields,
  ProofContext,
  ProofFactory,
  ProofMethod,
  ProofParts,
  Proven,
  Scheme,
} from './proof/proof-method.js'
export { mtls, type CertificateField, type MtlsOptions } from './proof/mtls.js'
export { memoryReplayStore, ReplayStoreFull, type ReplayStore } from './proof/replay-store.js'
export { isRefusal, refuse, type Refusal } from './refusal.js'
export type { FormValues, Peer, RequestSummary, RequestView } from './request.js'
export type { ResponseOptions } from './response-options.js'
export type { ClaimPath } from './rights/claim-path.js'
export type { ClaimReader, RightsOptions } from './rights/options.js'
export type { Rights } from './rights/read-rights.js'
export type { Algorithm } from './signature/algorithms.js'
export type { CheckingOptions, Offload, SignatureMemoOptions, SignatureOptions } from './signature/options.js'
export type { Shadow, ShadowMode, ShadowOptions } from './shadow.js'
export type { Health, Status } from './status.js'
export { createVerifier, type Verifier, type VerifierInput } from './verifier.js'
