import type { Profile } from './claims/options.js'
import { ConfigError } from './errors.js'
import { optionError } from './option-checks.js'
import type { IssuerSettings } from './options.js'
import type { ProofMethod } from './proof/proof-method.js'
import type { Algorithm } from './signature/algorithms.js'

/** What a JWT may be signed with (FAPI 2.0 Security Profile §5.4). `EdDSA` is Ed25519: there is no other here. */
const FAPI_ALGORITHMS: readonly Algorithm[] = Object.freeze(['PS256', 'ES256', 'EdDSA', 'Ed25519'])

/** Gives the algorithms of a profile that has a list of its own; `undefined` for any other. */
export function algorithmsOf(profile: Profile): readonly Algorithm[] | undefined {
  return profile === 'fapi2' ? FAPI_ALGORITHMS : undefined
}

/** Seconds: so long a token may live where nobody can ask whether it was revoked. */
const MAX_TOKEN_AGE = 3_600

/** What of a verifier the profile is about. */
interface Parts {
  readonly issuers: readonly Pick<IssuerSettings, 'claims' | 'algorithms' | 'keys'>[]
  readonly proofs: readonly ProofMethod[]
  /** The option `tokenSources` as it was given. */
  readonly tokenSources: unknown
  /** Seconds. */
  readonly maxTokenAge: number
}

/**
 * Checks that a verifier with the profile `fapi2` keeps every rule for resource servers that options can break.
 *
 * @see FAPI 2.0 Security Profile §5.3.4, §5.4
 * @throws ConfigError for the first rule that is not set
 */
export function checkFapi({ issuers, proofs, tokenSources, maxTokenAge }: Parts): void {
  const own = issuers.filter(({ claims }) => claims.profile === 'fapi2')
  if (own.length === 0) return
  if (proofs.length === 0) {
    throw optionError(
      'proofs',
      undefined,
      "The profile fapi2 demands tokens that are bound to a key: pass [dpop('required')] or [mtls(…)].",
    )
  }
  if (tokenSources !== undefined) {
    throw optionError(
      'tokenSources',
      tokenSources,
      'The profile fapi2 reads Authorization only: leave it out.',
    )
  }
  if (!(maxTokenAge <= MAX_TOKEN_AGE)) {
    throw optionError(
      'maxTokenAge',
      maxTokenAge,
      `The profile fapi2 demands tokens that were not revoked: pass at most ${MAX_TOKEN_AGE} s, and let none live longer.`,
    )
  }
  for (const { algorithms, keys } of own) {
    if (keys.kind === 'secret')
      throw new ConfigError('secret: the profile fapi2 knows signatures only. Pass a JWKS.')
    refuseOthers('algorithms', algorithms)
  }
  for (const { algorithms } of proofs) if (algorithms) refuseOthers('dpop.algorithms', algorithms)
}

function refuseOthers(option: string, algorithms: ReadonlySet<string>): void {
  const others = [...algorithms].filter((name) => !FAPI_ALGORITHMS.some((one) => one === name))
  if (others.length === 0) return
  throw optionError(option, others, `The profile fapi2 takes a list of: ${FAPI_ALGORITHMS.join(', ')}.`)
}
