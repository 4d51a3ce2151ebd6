import { join, numberOption, optionError, stringsOption } from '../option-checks.js'

/** Which claims a token of this issuer must carry. */
export interface ClaimsOptions {
  /**
   * This API's identifier or identifiers, matched against `aud` as exact strings (RFC 7519 §4.1.3). `null`
   * accepts tokens for any audience: say why beside it, and name `clientId` or `authorizedParty` instead.
   */
  audience: string | readonly string[] | null
  /** Clients to accept, matched against `client_id`, else `cid`, else `appid`. Default: any. */
  clientId?: string | readonly string[] | undefined
  /** Authorized parties to accept, matched against `azp`. Default: any. */
  authorizedParty?: string | readonly string[] | undefined
  /**
   * `jwt` (default): `typ` is absent, `JWT` or `at+jwt`. `at+jwt`: only `at+jwt`, with every claim that RFC 9068
   * §2.2 requires. `fapi2`: as `jwt`, and what the FAPI 2.0 Security Profile asks of an API (§5.3.4, §5.4): tokens
   * bound to a key, by `proofs`; PS256, ES256 and EdDSA only; `Authorization` only; `maxTokenAge`.
   */
  profile?: Profile | undefined
}

/** The kinds of access token: any JWT, exactly what RFC 9068 describes, or any that FAPI 2.0 lets in. */
export type Profile = 'jwt' | 'at+jwt' | 'fapi2'

/** How times are compared: the same for all issuers. */
export interface TimeOptions {
  /** Seconds of leeway for `exp`, `nbf` and `maxTokenAge`. Default 5. At most 300. */
  clockTolerance?: number | undefined
  /** Seconds since `iat` after which a token is refused whatever its `exp`. Default: no limit. */
  maxTokenAge?: number | undefined
}

/** The claims rules of one issuer, checked. */
export interface ClaimsRules {
  /** `undefined`: not by `aud`. */
  readonly audience: ReadonlySet<string> | undefined
  readonly clientId: ReadonlySet<string> | undefined
  readonly authorizedParty: ReadonlySet<string> | undefined
  readonly profile: Profile
}

/** The time rules of a verifier, checked; seconds. */
export interface TimeRules {
  readonly clockTolerance: number
  readonly maxTokenAge: number
}

/** Checks the claims options of one issuer. @throws ConfigError */
export function resolveClaims(options: Readonly<Record<string, unknown>>, path: string): ClaimsRules {
  const { audience, profile = 'jwt' } = options
  if (profile !== 'jwt' && profile !== 'at+jwt' && profile !== 'fapi2') {
    throw optionError(join(path, 'profile'), profile, "Pass 'jwt', 'at+jwt' or 'fapi2'.")
  }
  return {
    audience:
      audience === null
        ? undefined
        : new Set(
            stringsOption(
              audience,
              join(path, 'audience'),
              "Pass this API's identifier as it stands in the token's aud, or null to accept any audience.",
            ),
          ),
    clientId: optionalSet(options['clientId'], join(path, 'clientId')),
    authorizedParty: optionalSet(options['authorizedParty'], join(path, 'authorizedParty')),
    profile,
  }
}

/** Checks the time options of a verifier. @throws ConfigError */
export function resolveTimes(options: Readonly<Record<string, unknown>>): TimeRules {
  return {
    clockTolerance: numberOption(options['clockTolerance'], 'clockTolerance', {
      default: 5,
      min: 0,
      max: 300,
      unit: 'seconds',
    }),
    maxTokenAge: numberOption(options['maxTokenAge'], 'maxTokenAge', {
      default: Number.POSITIVE_INFINITY,
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      unit: 'seconds',
    }),
  }
}

function optionalSet(value: unknown, option: string): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined
  return new Set(stringsOption(value, option, 'Pass one identifier or a list of distinct ones.'))
}
