import {
  allOf,
  createVerifier,
  hasScope,
  logEvents,
  requireAnyScope,
  requireClaim,
  requireJwt,
  requireRole,
  requireScope,
  requireThat,
  resolveHost,
  type Auth,
  type Verifier,
} from '@require-jwt/express'
import { requireJwt as honoRequireJwt } from '@require-jwt/hono'
import { requireJwt as koaRequireJwt } from '@require-jwt/koa'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { expectType } from './expect.js'

const issuer = 'https://login.example'
const audience = 'https://api.example'

// Any Standard Schema types the claims, by what it puts out.
const zod = createVerifier({ issuer, audience, claims: z.object({ sub: z.string(), org_id: z.string() }) })
const valibot = createVerifier({
  issuer,
  audience,
  claims: v.object({ sub: v.string(), org_id: v.string() }),
})
const arktype = createVerifier({ issuer, audience, claims: type({ sub: 'string', org_id: 'string' }) })
expectType<Verifier<Readonly<{ sub: string; org_id: string }>>>()(zod)
expectType<string>()((await valibot.verify('')).claims.org_id)
expectType<string>()((await arktype.verify('')).claims.org_id)
const transformed = createVerifier({
  issuer,
  audience,
  claims: z.object({ sub: z.string() }).transform(({ sub }) => ({ user: Number(sub) })),
})
expectType<number>()((await transformed.verify('')).claims.user)
expectType<Verifier>()(createVerifier({ issuer, audience }))
expectType<Verifier>()(createVerifier({ issuer, audience, claims: undefined }))

// Issuers chosen per tenant stand alone, or beside configured ones.
const acme = 'https://login.acme.example'
createVerifier({ tenants: { allow: [acme], audience, jwksOrigins: undefined, resolveHost } })
createVerifier({ tenants: { allow: (iss) => iss === acme, audience: null, keySet: { ttlMs: 60_000 } } })
createVerifier({
  issuers: [{ issuer, audience }],
  tenants: { allow: (iss) => Promise.resolve(iss === acme), audience, algorithms: ['ES256'] },
})

// What is not demanded may be `undefined`: settings come from the environment.
createVerifier({
  issuer,
  audience,
  clientId: process.env['CLIENT_ID'],
  authorizedParty: process.env['AUTHORIZED_PARTY'],
  jwksUri: process.env['JWKS_URI'],
  secret: process.env['SECRET'],
  jwks: undefined,
  algorithms: undefined,
  profile: undefined,
  rolesClaim: process.env['ROLES_CLAIM'],
  keySet: { ttlMs: undefined },
  clockTolerance: undefined,
  observer: undefined,
  preflight: undefined,
  offload: undefined,
  signatureMemo: { maxEntries: undefined, maxBytes: undefined },
})
createVerifier({ issuer, audience, signatureMemo: false, offload: 'never' })
// @ts-expect-error it is on without being asked for
createVerifier({ issuer, audience, signatureMemo: true })
requireJwt(
  { issuer, audience },
  { realm: process.env['REALM'], resourceMetadata: process.env['METADATA'], errors: undefined },
)

// Who made a token and for whom is never left open by accident.
// @ts-expect-error the audience may be undefined
createVerifier({ issuer, audience: process.env['AUDIENCE'] })
// @ts-expect-error the issuer may be undefined
createVerifier({ issuer: process.env['ISSUER'], audience })
// @ts-expect-error no audience
createVerifier({ issuer })
// @ts-expect-error no issuer
createVerifier({ audience })
// @ts-expect-error no options
createVerifier()
createVerifier({ issuer, audience: null, clientId: 'orders' })
createVerifier({ issuer: [issuer, `${issuer}/`] as const, audience: [audience] })

// One issuer or several, not both.
createVerifier({ issuers: [{ issuer, audience, algorithms: ['ES256'], profile: 'at+jwt' }] })
// @ts-expect-error both
createVerifier({ issuer, audience, issuers: [{ issuer, audience }] })
// @ts-expect-error an audience for all of them
createVerifier({ audience, issuers: [{ issuer }] })
// @ts-expect-error one of them without audience
createVerifier({ issuers: [{ issuer }] })

// Names that are no options.
// @ts-expect-error a demand is a guard; the claim is named by rolesClaim
createVerifier({ issuer, audience, roles: ['admin'] })
// @ts-expect-error as above
requireJwt({ issuer, audience, roles: ['admin'] })
// @ts-expect-error as above
koaRequireJwt({ issuer, audience, roles: ['admin'] })
// @ts-expect-error as above
honoRequireJwt({ issuer, audience, roles: ['admin'] })
// @ts-expect-error as above
createVerifier({ issuers: [{ issuer, audience, roles: ['admin'] }] })
// @ts-expect-error spelt as in a metadata document
createVerifier({ issuer, audience, jwks_uri: 'https://login.example/keys' })
// @ts-expect-error how a refusal is answered is the second argument
requireJwt({ issuer, audience, realm: 'orders' })
// @ts-expect-error no such option of the second argument
requireJwt({ issuer, audience }, { credentialsRequired: false })
// @ts-expect-error no such algorithm
createVerifier({ issuer, audience, algorithms: ['none'] })
// @ts-expect-error no such profile
createVerifier({ issuer, audience, profile: 'strict' })
// @ts-expect-error a pattern is no issuer
createVerifier({ issuer: /login/, audience })
// @ts-expect-error no schema
createVerifier({ issuer, audience, claims: { sub: 'string' } })

// Guards demand something.
// @ts-expect-error no scope
requireScope()
// @ts-expect-error no scope
requireAnyScope()
// @ts-expect-error no role
requireRole()
// @ts-expect-error no claim
requireClaim()
// @ts-expect-error no check
requireThat()
// @ts-expect-error a list is no name
requireScope(['orders:read'])
// @ts-expect-error no requirement
allOf()
// @ts-expect-error a requirement is made by hasScope and its siblings
requireThat({ scope: 'orders:read' })
requireThat(allOf(hasScope('orders:read'), hasScope('orders:write')))
requireClaim(['realm_access', 'roles'], 'admin')

// The result is for reading.
export function change(auth: Auth, schema: Awaited<ReturnType<typeof zod.verify>>): void {
  // @ts-expect-error claims are readonly
  auth.claims.sub = 'ada'
  // @ts-expect-error those of no known name too
  auth.claims['roles'] = ['admin']
  // @ts-expect-error and those of a schema
  schema.claims.org_id = 'acme'
  // @ts-expect-error so is everything else
  auth.subject = 'ada'
  // @ts-expect-error rights are not to be added to
  auth.scopes.push('admin')
}

createVerifier({ issuer, audience, observer: logEvents(console), fetch, now: Date.now })
