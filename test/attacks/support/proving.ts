import {
  dpop,
  type Auth,
  type AuthErrorCode,
  type DpopOptions,
  type ProofFactory,
  type Scheme,
  type VerifierOptions,
} from '@require-jwt/core'
import { protect, type App } from '../../conformance/support/app.js'
import type { Line, Sent } from '../../conformance/support/http.js'
import { STRANGER } from '../../conformance/support/keys.js'
import { BASE, CLIENT, proven, thumbprintOf, withLines } from '../../conformance/support/proofs.js'
import { authorization, granted, refusal, type Case, type Scene } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import { elsewhere, ELSEWHERE } from './elsewhere.js'

const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256']

/** A token of the other app, bound to the key of the client. */
const THEIRS = mint({ ...ELSEWHERE, cnf: { jkt: thumbprintOf(CLIENT) } }, {}, STRANGER)

/** An app that checks proofs, and one of somebody else with the same options, which answers the same. */
export interface Twins {
  readonly own: App
  readonly other: App
  /** What both say of the scheme DPoP. */
  readonly algs: string
  /** Both offer the scheme Bearer to whoever did not use it. */
  readonly offersBearer: boolean
}

interface Parts {
  readonly more?: Omit<DpopOptions, 'mode'>
  readonly options?: Partial<VerifierOptions>
  /** Methods beside DPoP. */
  readonly beside?: readonly ProofFactory[]
}

/** Makes apps that check DPoP proofs. */
export function proving(
  mode: DpopOptions['mode'],
  { more = {}, options = {}, beside = [] }: Parts = {},
): Twins {
  // For each its own: what one remembers the other does not.
  const make = (): Partial<VerifierOptions> => ({
    baseUrl: BASE,
    ...options,
    proofs: [...beside, dpop({ mode, ...more })],
  })
  return {
    own: protect(make()),
    other: elsewhere(make()),
    algs: (more.algorithms ?? ALGORITHMS).join(' '),
    offersBearer: mode === 'allowed',
  }
}

/** A request, and what was sent before it. */
type Asked = Sent | Pick<Scene, 'sent' | 'earlier'>

/** Makes a request anew each time that a case is played: a proof is used once. */
type Ask = () => Asked | Promise<Asked>

/** Makes cases whose answers are compared with those of the other app. */
export interface ProvingCases {
  /** `scheme`: the one under which the token comes. Default: DPoP. */
  refuse(name: string, ask: Ask, code: AuthErrorCode, scheme?: Scheme): Case
  /** `auth` is what the handler is given, at least. Default: a result that a DPoP proof stands behind. */
  accept(name: string, ask: Ask, auth?: Partial<Auth>): Case
}

/** Makes the cases of an app and its twin. */
export function casesOf(twins: Twins): ProvingCases {
  const { own, other } = twins
  return {
    refuse: (name, ask, code, scheme = 'DPoP') => ({
      name,
      scene: async () => ({
        app: own,
        ...(await play(ask)),
        sameAs: { app: other, sent: plainRequest(code, scheme) },
      }),
      expected: refusal(code, {
        challenge: challengesOf(code, scheme, twins),
        headers: code === 'dpop_nonce_required' ? { 'DPoP-Nonce': /^[\w-]{43}$/ } : {},
      }),
    }),
    accept: (name, ask, auth = { proof: 'dpop' }) => ({
      name,
      scene: async () => ({ app: own, ...(await play(ask)) }),
      expected: granted(auth),
    }),
  }
}

/** Makes a request whose lines stay the same for one path: the same proof, however often it is sent or looked at. */
export function once(sent: Sent): Sent {
  const made = new Map<string, readonly Line[]>()
  return {
    ...sent,
    linesFor(path) {
      const lines = made.get(path) ?? sent.linesFor?.(path) ?? []
      made.set(path, lines)
      return lines
    },
  }
}

async function play(ask: Ask): Promise<Pick<Scene, 'sent' | 'earlier'>> {
  const asked = await ask()
  return 'sent' in asked ? { ...asked, sent: once(asked.sent) } : { sent: once(asked) }
}

/** Gives a request to the other app that has nothing to hide and the same error on the wire. */
function plainRequest(code: AuthErrorCode, scheme: Scheme): Sent {
  if (code === 'dpop_proof_invalid' || code === 'dpop_proof_replayed') return withLines(THEIRS, () => [])
  return code === 'dpop_nonce_required' ? proven(THEIRS) : authorization(`${scheme} opaque`)
}

/** Says what is wrong with the scheme that was used, and offers the other one. */
function challengesOf(code: AuthErrorCode, scheme: Scheme, { algs, offersBearer }: Twins): string {
  const said = refusal(code).challenge ?? ''
  if (scheme === 'Bearer') return `${said}, DPoP algs="${algs}"`
  const own = said.replace('Bearer realm="api", ', 'DPoP ')
  const whole = code === 'dpop_nonce_required' ? own : `${own}, algs="${algs}"`
  return offersBearer ? `Bearer realm="api", ${whole}` : whole
}
