import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { FrozenJson } from '../token/json.js'
import type { ProofMethod, Scheme } from './proof-method.js'

/** The members of `cnf` that bind a token to a key: RFC 9449 §6.1, RFC 8705 §3.1. */
const MEMBERS = ['jkt', 'x5t#S256']

const UNENFORCED = refuse(
  'proof_required',
  'the token is bound to a key (cnf) and no proof of possession is checked',
)
const UNBOUND = refuse('proof_required', 'the token is bound to no key, which this API demands')
const DOWNGRADED = refuse('proof_required', 'a token that is bound to a key came as a bearer token')
const NOT_FOR_SCHEME = refuse(
  'proof_mismatch',
  'the token came under the scheme DPoP and is not bound to a DPoP key',
)

/**
 * Refuses a token that is bound in a way that nobody checks, or not as the API demands, or that came under a scheme
 * which is not that of its binding. `scheme`: `undefined` where it came without a request. `isDemanded`: any binding
 * will do, none will not.
 *
 * Members of `cnf` that nobody knows are tolerated beside one that is checked; of those we know each must be.
 *
 * @see RFC 7800 §3.1, RFC 9449 §7.1 and §7.2, RFC 8705 §3
 */
export function refuseBinding(
  claims: FrozenJson,
  scheme: Scheme | undefined,
  methods: readonly ProofMethod[],
  isDemanded: boolean,
): Refusal | undefined {
  if (!Object.hasOwn(claims, 'cnf')) {
    if (scheme === 'DPoP') return NOT_FOR_SCHEME
    return isDemanded || methods.some(({ required }) => required) ? UNBOUND : undefined
  }
  const confirmation = ownMember(claims, 'cnf')
  const known = MEMBERS.filter((member) => ownMember(confirmation, member) !== undefined)
  const asked = methods.filter(({ member }) => known.includes(member))
  const isEachAsked = known.every((member) => asked.some((method) => method.member === member))
  if (scheme === undefined || known.length === 0 || !isEachAsked) return UNENFORCED
  if (methods.some((method) => method.required && !asked.includes(method))) return UNBOUND
  const needsDpop = asked.some((method) => method.scheme === 'DPoP')
  if (needsDpop !== (scheme === 'DPoP')) return needsDpop ? DOWNGRADED : NOT_FOR_SCHEME
  return undefined
}

/** Gives the methods that a token has to be proven by, once `refuseBinding` has let it pass. */
export function methodsFor(claims: FrozenJson, methods: readonly ProofMethod[]): readonly ProofMethod[] {
  const confirmation = ownMember(claims, 'cnf')
  return methods.filter(({ member }) => ownMember(confirmation, member) !== undefined)
}
