import { ConfigError } from '../errors.js'
import {
  numberOption,
  optionError,
  optionsObject,
  refuseUnknownOptions,
  stringsOption,
} from '../option-checks.js'
import { ownMember } from '../own-member.js'
import { isRefusal, refuse, type Refusal } from '../refusal.js'
import type { Algorithm } from '../signature/algorithms.js'
import {
  createNonces,
  resolveNonce,
  type NonceOptions,
  type Nonces,
  type ResolvedNonce,
} from './dpop-nonce.js'
import { checkDpopProof, DPOP_ALGORITHMS } from './dpop-proof.js'
import type { ProofContext, ProofFactory, ProofMethod, ProofParts, Proven } from './proof-method.js'
import { ReplayGuard, type ReplayVerdict } from './replay-guard.js'
import { checkReplayStore, memoryReplayStore, type ReplayStore } from './replay-store.js'
import { requestUri } from './request-uri.js'

/** How DPoP is checked. */
export interface DpopOptions {
  /** `required`: every token must be bound to a DPoP key. `allowed`: those that are must be proven. */
  readonly mode: 'allowed' | 'required'
  /** The `alg` of proofs. Default: ES256, ES384, EdDSA, Ed25519, PS256 and RS256. */
  readonly algorithms?: readonly string[] | undefined
  /** Seconds since the `iat` of a proof for which it is taken; 1 to 300. Default 60. Clocks may be 5 s apart. */
  readonly proofMaxAge?: number | undefined
  /** Where used proofs are kept. Default: in the memory of this process, `memoryReplayStore()`. */
  readonly replayStore?: ReplayStore | undefined
  /** Nonces that proofs must have. Default: none, and the time of a proof is enough. */
  readonly nonce?: NonceOptions | undefined
}

/** The field that brings a nonce to the client (RFC 9449 §8.2). */
const NONCE = 'DPoP-Nonce'

/** Seconds that the clock of a client may be ahead. */
const MAX_AHEAD = 5

/** Seconds that a proof is remembered after its time. */
const SLACK = 5

const NO_URI = refuse('dpop_proof_invalid', 'the URL of the request is none that a proof can be made for')
const UNCLAIMED: Readonly<Record<Exclude<ReplayVerdict, 'first'>, Refusal>> = {
  again: refuse('dpop_proof_replayed', 'the proof was used before'),
  'too many': refuse('dpop_proof_replayed', 'this key has made more proofs than are remembered'),
  unavailable: refuse('store_unavailable', 'the replay store cannot tell whether the proof is new', {
    retryAfter: 1,
  }),
}

/**
 * Checks proofs of possession by DPoP (RFC 9449), for the option `proofs`. The verifier needs `baseUrl`.
 *
 * @example
 * createVerifier({ issuer, audience, baseUrl: 'https://api.example', proofs: [dpop('required')] })
 *
 * @throws ConfigError for a wrong option; and, where the verifier is made, without a `baseUrl`
 */
export function dpop(given: DpopOptions['mode'] | DpopOptions): ProofFactory {
  const options = resolveDpop(given)
  return (parts) => dpopMethod(options, parts)
}

interface Resolved {
  readonly mode: DpopOptions['mode']
  readonly algorithms: ReadonlySet<Algorithm>
  readonly proofMaxAge: number
  readonly guard: ReplayGuard
  readonly nonce: ResolvedNonce | undefined
}

const FIX = "Pass 'allowed', 'required' or { mode, … }."

function resolveDpop(given: unknown): Resolved {
  const options = typeof given === 'string' ? { mode: given } : optionsObject(given, 'dpop', FIX)
  refuseUnknownOptions(options, ['mode', 'algorithms', 'proofMaxAge', 'replayStore', 'nonce'], 'dpop')
  const { mode, algorithms, proofMaxAge, replayStore = memoryReplayStore(), nonce } = options
  if (mode !== 'allowed' && mode !== 'required') throw optionError('dpop', mode, FIX)
  return {
    mode,
    algorithms: resolveAlgorithms(algorithms),
    proofMaxAge: numberOption(proofMaxAge, 'dpop.proofMaxAge', {
      default: 60,
      min: 1,
      max: 300,
      unit: 'seconds',
    }),
    guard: new ReplayGuard(checkReplayStore(replayStore, 'dpop.replayStore')),
    nonce: resolveNonce(nonce, 'dpop.nonce'),
  }
}

function resolveAlgorithms(value: unknown): ReadonlySet<Algorithm> {
  if (value === undefined) return new Set(DPOP_ALGORITHMS)
  const fix = `Pass a list of names of: ${DPOP_ALGORITHMS.join(', ')}.`
  const names = stringsOption(value, 'dpop.algorithms', fix)
  const known = DPOP_ALGORITHMS.filter((name) => names.includes(name))
  if (known.length < names.length) throw optionError('dpop.algorithms', value, fix)
  return new Set(known)
}

function dpopMethod(options: Resolved, { now, baseUrl }: ProofParts): ProofMethod {
  const { mode, algorithms, proofMaxAge, guard } = options
  if (baseUrl === undefined) {
    throw new ConfigError(
      "baseUrl: got undefined. dpop needs it: pass the origin of this API, for example 'https://api.example'.",
    )
  }
  const nonces = options.nonce && createNonces(options.nonce, now)

  const check = async ({ request, token, confirmation }: ProofContext): Promise<Proven | Refusal> => {
    const jkt = ownMember(confirmation, 'jkt')
    const thumbprint = typeof jkt === 'string' ? jkt : ''
    const uri = requestUri(request.url, baseUrl)
    if (uri === undefined) return NO_URI
    const nowSeconds = now() / 1000
    const proof = await checkDpopProof({
      values: request.values('dpop'),
      method: request.method,
      uri,
      token,
      thumbprint,
      algorithms,
      nowSeconds,
      maxAge: proofMaxAge,
      maxAhead: MAX_AHEAD,
      nonce: nonces && ((nonce) => nonces.accepts(nonce)),
    })
    if (isRefusal(proof)) {
      if (!nonces || proof.code !== 'dpop_nonce_required') return proof
      return refuse(proof.code, proof.detail, { fields: { [NONCE]: await nonces.current() } })
    }
    // Asked last: only who has a token and its key can write. Remembered for longer than a proof can be good: one that
    // comes again in its last moment is still being checked when its time is over.
    const ttlMs = (proof.iat + proofMaxAge + SLACK - nowSeconds) * 1000
    const claimed = await guard.claim(thumbprint, proof.jti, Math.ceil(ttlMs))
    return claimed === 'first' ? { fields: await nextNonce(nonces, proof.nonce) } : UNCLAIMED[claimed]
  }

  return {
    kind: 'dpop',
    scheme: 'DPoP',
    member: 'jkt',
    algorithms,
    required: mode === 'required',
    challenge: [['algs', [...algorithms].join(' ')]],
    check,
  }
}

/** The next nonce, where the one of the proof is about to run out: the client needs no refusal to learn it. */
async function nextNonce(nonces: Nonces | undefined, used: string | undefined): Promise<Proven['fields']> {
  if (!nonces || used === undefined || (await nonces.isCurrent(used))) return undefined
  return { [NONCE]: await nonces.current() }
}
