import { dpop, mtls, queryParameter } from '@require-jwt/core'
import type * as api from '@require-jwt/express'
import type { RuleId } from '../rules.js'
import { TRUST } from '../support/app.js'
import { JWKS, RSA } from '../support/keys.js'
import { AUDIENCE, ISSUER } from '../support/tokens.js'

/** What the table says of a rule that is kept when an API starts, before there is a request. */
export interface StartUpRow {
  readonly rules: readonly [RuleId, ...RuleId[]]
  /** A sentence about behaviour. */
  readonly about: string
  readonly refuses: readonly [StartUpCase, ...StartUpCase[]]
  /** Neighbours that differ from what is refused in one thing. */
  readonly accepts: readonly [StartUpCase, ...StartUpCase[]]
}

/** One set-up. */
export interface StartUpCase {
  /** Completes "refuses …" or "accepts …". */
  readonly name: string
  /** The options of the verifier. Default: those of the table. */
  readonly options?: Readonly<Record<string, unknown>>
  /** The second argument of `requireJwt`. */
  readonly response?: Readonly<Record<string, unknown>>
  /** A guard that is made beside. */
  readonly guard?: (guards: Pick<typeof api, 'requireScope' | 'requireRole' | 'requireClaim'>) => unknown
  /** What the message of the ConfigError names. */
  readonly message?: RegExp
}

const DISCOVERY = { issuer: ISSUER, audience: AUDIENCE }
const TRUSTED = { issuer: ISSUER, audience: AUDIENCE, jwks: JWKS }
const PEM = RSA.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const FAPI = {
  ...TRUSTED,
  profile: 'fapi2',
  maxTokenAge: 600,
  proofs: [mtls({ from: 'socket' })],
} as const

/** The rules that are kept at start-up. */
export const startUp: readonly StartUpRow[] = [
  {
    rules: ['FA-01', 'FA-02', 'FA-04', 'FA-05'],
    about: 'the profile fapi2 makes no verifier unless every rule of it is set',
    refuses: [
      { name: 'no proofs', options: { ...FAPI, proofs: undefined }, message: /proofs.*fapi2/ },
      {
        name: 'token sources',
        options: { ...FAPI, tokenSources: [queryParameter()] },
        message: /tokenSources.*fapi2/,
      },
      { name: 'no maxTokenAge', options: { ...FAPI, maxTokenAge: undefined }, message: /maxTokenAge.*fapi2/ },
      {
        name: 'a maxTokenAge of two hours',
        options: { ...FAPI, maxTokenAge: 7200 },
        message: /maxTokenAge.*fapi2/,
      },
      {
        name: 'RS256',
        options: { ...FAPI, algorithms: ['PS256', 'RS256'] },
        message: /algorithms.*RS256.*fapi2/,
      },
      {
        name: 'a secret',
        options: { ...FAPI, jwks: undefined, secret: 'x'.repeat(32) },
        message: /secret.*fapi2/,
      },
      {
        name: 'RS256 for proofs, which is a default of DPoP',
        options: { ...FAPI, baseUrl: 'https://api.example', proofs: [dpop('required')] },
        message: /dpop\.algorithms.*RS256.*fapi2/,
      },
    ],
    accepts: [
      { name: 'all of them', options: FAPI },
      { name: 'a list of algorithms', options: { ...FAPI, algorithms: ['PS256', 'EdDSA'] } },
      {
        name: 'DPoP with its algorithms',
        options: {
          ...FAPI,
          baseUrl: 'https://api.example',
          proofs: [dpop({ mode: 'required', algorithms: ['ES256'] })],
        },
      },
    ],
  },
  {
    rules: ['DP-09', 'DP-23', 'MT-05'],
    about: 'proofs need to be told where the API is, and who its proxies are',
    refuses: [
      {
        name: 'DPoP without baseUrl',
        options: { ...TRUSTED, proofs: [dpop('required')] },
        message: /baseUrl.*dpop/,
      },
      {
        name: 'dpop as an option',
        options: { ...TRUSTED, dpop: 'required' },
        message: /dpop: there is no such option\. proofs: \[dpop\('required'\)\]/,
      },
      {
        name: 'a method twice',
        options: { ...TRUSTED, proofs: [mtls({ from: 'socket' }), mtls({ from: 'socket' })] },
        message: /proofs.*mtls.*twice/,
      },
      { name: 'a text', options: { ...TRUSTED, proofs: ['dpop'] }, message: /proofs\[0\]/ },
      {
        name: 'a baseUrl with a query',
        options: { ...TRUSTED, baseUrl: 'https://api.example/?a' },
        message: /baseUrl/,
      },
      {
        name: 'a baseUrl over http',
        options: { ...TRUSTED, baseUrl: 'http://api.example' },
        message: /baseUrl/,
      },
    ],
    accepts: [
      {
        name: 'DPoP with baseUrl',
        options: { ...TRUSTED, baseUrl: 'https://api.example', proofs: [dpop('required')] },
      },
      { name: 'mutual TLS by the socket', options: { ...TRUSTED, proofs: [mtls({ from: 'socket' })] } },
      { name: 'a baseUrl with a path', options: { ...TRUSTED, baseUrl: 'https://api.example/v1' } },
    ],
  },
  {
    rules: ['JWT-09', 'JWT-08'],
    about: 'a secret is as long as the hash, and is no public key',
    refuses: [
      secret('31 bytes for HS256', 'x'.repeat(31), ['HS256'], /secret.*31 bytes.*32/),
      secret('47 bytes for HS384', 'x'.repeat(47), ['HS384'], /secret.*47 bytes.*48/),
      secret('63 bytes for HS512', 'x'.repeat(63), ['HS512'], /secret.*63 bytes.*64/),
      secret('32 bytes, where HS512 is allowed as well', 'x'.repeat(32), ['HS256', 'HS512'], /secret/),
      secret('no bytes', '', ['HS256'], /secret/),
      secret('a short one in a list', ['x'.repeat(32), 'short'], ['HS256'], /secret/),
      secret('an empty list', [], ['HS256'], /secret/),
      secret('null', null, ['HS256'], /secret/),
      secret('the PEM of a public key', PEM, ['HS256'], /secret.*PEM/),
    ],
    accepts: [
      secret('32 bytes for HS256', 'x'.repeat(32), ['HS256']),
      secret('48 bytes for HS384', 'x'.repeat(48), ['HS384']),
      secret('64 bytes for HS512', new Uint8Array(64).fill(7), ['HS512']),
      secret('32 bytes in 16 characters', 'é'.repeat(16), ['HS256']),
      secret('two, for a rotation', ['x'.repeat(32), 'y'.repeat(32)], ['HS256']),
    ],
  },
  {
    rules: ['JWT-05', 'JWT-06', 'JWT-08'],
    about: 'the list of algorithms is explicit, and of one kind',
    refuses: [
      algorithms('none', ['none'], /algorithms/),
      algorithms('none among others', ['RS256', 'none'], /algorithms/),
      algorithms('an empty list', [], /algorithms/),
      algorithms('another case', ['rs256'], /algorithms/),
      algorithms('a text', 'RS256', /algorithms/),
      algorithms('HS256 with a JWKS', ['HS256'], /algorithms.*secret/),
      algorithms('HS256 beside RS256', ['RS256', 'HS256'], /algorithms/),
      secret('RS256 with a secret', 'x'.repeat(64), ['RS256'], /algorithms.*secret/),
      { name: 'a secret and a JWKS', options: { ...TRUST, secret: 'x'.repeat(64) }, message: /secret/ },
      {
        name: 'a secret and the URL of a JWKS',
        options: { ...DISCOVERY, secret: 'x'.repeat(64), jwksUri: 'https://keys.example' },
        message: /secret/,
      },
    ],
    accepts: [
      algorithms('RS256', ['RS256']),
      algorithms('all kinds of signature', ['RS256', 'PS256', 'ES256', 'EdDSA']),
    ],
  },
  {
    rules: ['KEY-01'],
    about: 'keys are fetched over https, or over http from a loopback host',
    refuses: [
      keysAt('http', 'http://keys.example/jwks', /https/),
      keysAt('a host that starts like localhost', 'http://localhost.attacker.example/jwks', /https/),
      keysAt('a host that starts like 127.0.0.1', 'http://127.0.0.1.attacker.example/jwks', /https/),
      keysAt('a private address', 'http://10.0.0.1/jwks', /https/),
      keysAt('a password', 'https://user:pass@keys.example/jwks', /jwksUri/),
      keysAt('a fragment', 'https://keys.example/jwks#keys', /jwksUri/),
      keysAt('another scheme', 'file:///etc/passwd', /https/),
      keysAt('a path', '/jwks', /jwksUri/),
      {
        name: 'an issuer over http',
        options: { ...DISCOVERY, issuer: 'http://issuer.example' },
        message: /issuer.*https/,
      },
      {
        name: 'an issuer that is no URL, where keys are discovered',
        options: { ...DISCOVERY, issuer: 'issuer' },
        message: /issuer/,
      },
    ],
    accepts: [
      keysAt('https', 'https://keys.example/jwks'),
      keysAt('http on localhost', 'http://localhost:8080/jwks'),
      keysAt('http on 127.0.0.1', 'http://127.0.0.1:8080/jwks'),
      keysAt('http on another address of this host', 'http://127.1.2.3/jwks'),
      keysAt('http on ::1', 'http://[::1]:8080/jwks'),
      { name: 'an issuer over https', options: DISCOVERY },
      { name: 'an issuer that is no URL, where keys are given', options: { ...TRUST, issuer: 'issuer' } },
    ],
  },
  {
    rules: ['JWT-20'],
    about: 'the audience is demanded; that any will do is spelled out',
    refuses: [
      changed('no audience', { audience: undefined }, /audience/),
      changed('an empty text', { audience: '' }, /audience/),
      changed('an empty list', { audience: [] }, /audience/),
      changed('a list with a hole', { audience: [AUDIENCE, undefined] }, /audience/),
      changed('a pattern', { audience: /api/ }, /audience/),
      changed('true', { audience: true }, /audience/),
    ],
    accepts: [
      changed('a text', { audience: AUDIENCE }),
      changed('a list', { audience: [AUDIENCE, 'urn:second'] }),
      changed('null', { audience: null }),
    ],
  },
  {
    rules: ['JWT-21', 'JWT-14'],
    about: 'the issuer is demanded, and is there once',
    refuses: [
      changed('no issuer', { issuer: undefined }, /issuer/),
      changed('an empty text', { issuer: '' }, /issuer/),
      changed('a pattern', { issuer: /issuer/ }, /issuer/),
      { name: 'no issuers', options: { issuers: [] }, message: /issuers/ },
      { name: 'one issuer twice', options: { issuers: [TRUSTED, TRUSTED] }, message: /issuers.*twice/ },
      {
        name: 'an issuer beside issuers',
        options: { issuer: ISSUER, audience: AUDIENCE, issuers: [TRUSTED] },
        message: /issuer/,
      },
    ],
    accepts: [
      changed('a text', { issuer: ISSUER }),
      changed('a list of names', { issuer: [ISSUER, 'https://old.example'] }),
      {
        name: 'two issuers',
        options: { issuers: [TRUSTED, { ...TRUSTED, issuer: 'https://second.example' }] },
      },
    ],
  },
  {
    rules: ['JWT-17', 'JWT-19'],
    about: 'the tolerance of times is small',
    refuses: [
      changed('more than five minutes', { clockTolerance: 301 }, /clockTolerance/),
      changed('less than nothing', { clockTolerance: -1 }, /clockTolerance/),
      changed('a text', { clockTolerance: '5' }, /clockTolerance/),
      changed('no number', { clockTolerance: Number.NaN }, /clockTolerance/),
      changed('a token age of nothing', { maxTokenAge: 0 }, /maxTokenAge/),
    ],
    accepts: [
      changed('none', { clockTolerance: 0 }),
      changed('five minutes', { clockTolerance: 300 }),
      changed('a token age of a second', { maxTokenAge: 1 }),
    ],
  },
  {
    rules: ['MEMO-01'],
    about: 'how signatures are checked and remembered is said in words that exist',
    refuses: [
      changed('a place that is none', { offload: 'sometimes' }, /offload/),
      changed('a memo that is merely on', { signatureMemo: true }, /signatureMemo/),
      changed('a memo without room', { signatureMemo: { maxEntries: 0 } }, /signatureMemo\.maxEntries/),
      changed('a limit that is none', { signatureMemo: { entries: 5 } }, /signatureMemo\.entries/),
    ],
    accepts: [
      changed('no memo', { signatureMemo: false }),
      changed('a small memo', { signatureMemo: { maxEntries: 100, maxBytes: 100_000 } }),
      changed('everything in place', { offload: 'never' }),
    ],
  },
  {
    rules: ['ERR-07', 'ERR-09', 'ERR-15'],
    about: 'what a challenge says has the characters of RFC 6750, and what is no option is refused',
    refuses: [
      answering('quotes in the realm', { realm: 'the "api"' }, /realm/),
      answering('a line break in the realm', { realm: 'api\r\nSet-Cookie: a=b' }, /realm/),
      answering('letters beyond ASCII in the realm', { realm: 'Büro' }, /realm/),
      answering('an empty realm', { realm: '' }, /realm/),
      answering('a scope with a space', { scope: ['orders:read orders:write'] }, /scope/),
      answering('a scope with quotes', { scope: ['"'] }, /scope/),
      answering('metadata that are no URL', { resourceMetadata: '/metadata' }, /resourceMetadata/),
      answering('an unknown body', { body: 'html' }, /body/),
      answering('an unknown way', { errors: 'throw' }, /errors/),
      answering('an unknown name', { relm: 'api' }, /relm.*realm/),
    ],
    accepts: [
      answering('a realm of many words', { realm: "the API's realm, a=b" }),
      answering('scopes', { scope: ['orders:read', 'orders:write'] }),
      answering('a URL', { resourceMetadata: 'https://api.example/.well-known/oauth-protected-resource' }),
    ],
  },
  {
    rules: ['AT-11', 'REQ-05', 'REQ-12'],
    about: 'profiles, sources and preflight have few values',
    refuses: [
      changed('another profile', { profile: 'legacy' }, /profile/),
      changed('the profile in another case', { profile: 'AT+JWT' }, /profile/),
      changed('no source', { tokenSources: [] }, /tokenSources/),
      changed('the name of a source', { tokenSources: ['header'] }, /tokenSources/),
      changed('preflights that are always let through', { preflight: true }, /preflight/),
    ],
    accepts: [
      changed('the profile jwt', { profile: 'jwt' }),
      changed('the profile at+jwt', { profile: 'at+jwt' }),
      changed("preflight: 'pass'", { preflight: 'pass' }),
    ],
  },
  {
    rules: ['GUARD-01', 'AZ-01', 'GUARD-02'],
    about: 'a demand that would protect nothing is refused',
    refuses: [
      changed('roles as an option', { roles: ['admin'] }, /roles.*requireRole/),
      changed('scopes as an option', { scopes: ['orders:read'] }, /scopes.*requireScope/),
      guard('two scopes in one text', ({ requireScope }) => requireScope('orders:read orders:write')),
      guard('an empty scope', ({ requireScope }) => requireScope('')),
      guard('a scope twice', ({ requireScope }) => requireScope('a', 'a')),
      guard('no role', ({ requireRole }) => requireRole(...([] as unknown as [string]))),
      guard('a list of roles', ({ requireRole }) => requireRole(['admin'] as unknown as string)),
      guard('a claim without a name', ({ requireClaim }) => requireClaim('')),
    ],
    accepts: [
      changed('rolesClaim', { rolesClaim: 'roles' }),
      { name: 'two scopes', guard: ({ requireScope }) => requireScope('orders:read', 'orders:write') },
      { name: 'a role', guard: ({ requireRole }) => requireRole('admin') },
    ],
  },
  {
    rules: ['KEY-06'],
    about: 'issuers that are chosen per tenant need an allow-list',
    refuses: [
      chosen('no list', {}, /tenants\.allow.*mandatory/),
      chosen('an empty list', { allow: [] }, /tenants\.allow.*mandatory/),
      chosen('a text', { allow: ISSUER }, /tenants\.allow.*mandatory/),
      chosen('true', { allow: true }, /tenants\.allow.*mandatory/),
      chosen('what is no URL', { allow: ['issuer.example'] }, /tenants\.allow\[0\]/),
      chosen('http', { allow: ['http://issuer.example'] }, /tenants\.allow\[0\].*https/),
      chosen(
        'keys from a path instead of an origin',
        { allow: [ISSUER], jwksOrigins: ['https://a.example/b'] },
        /jwksOrigins/,
      ),
      chosen('no audience', { allow: [ISSUER], audience: undefined }, /tenants\.audience/),
      chosen('an issuer beside', { allow: [ISSUER], issuer: ISSUER }, /tenants\.issuer/),
    ],
    accepts: [
      chosen('a list', { allow: [ISSUER] }),
      chosen('a function', { allow: () => false }),
      chosen('http on a loopback host', { allow: ['http://localhost:8080'] }),
      chosen('keys from another origin', { allow: [ISSUER], jwksOrigins: ['https://keys.example'] }),
    ],
  },
]

function changed(name: string, options: Readonly<Record<string, unknown>>, message?: RegExp): StartUpCase {
  return { name, options: { ...TRUST, ...options }, ...(message && { message }) }
}

function algorithms(name: string, list: unknown, message?: RegExp): StartUpCase {
  return changed(name, { algorithms: list }, message)
}

function secret(name: string, value: unknown, list: readonly string[], message?: RegExp): StartUpCase {
  return changed(name, { jwks: undefined, secret: value, algorithms: list }, message)
}

function keysAt(name: string, jwksUri: string, message?: RegExp): StartUpCase {
  return changed(name, { jwks: undefined, jwksUri }, message)
}

function answering(name: string, response: Readonly<Record<string, unknown>>, message?: RegExp): StartUpCase {
  return { name, response, ...(message && { message }) }
}

function guard(name: string, make: NonNullable<StartUpCase['guard']>): StartUpCase {
  return { name, guard: make, message: /has(?:Scope|Role|Claim)/ }
}

function chosen(name: string, tenants: Readonly<Record<string, unknown>>, message?: RegExp): StartUpCase {
  return { name, options: { tenants: { audience: AUDIENCE, ...tenants } }, ...(message && { message }) }
}
