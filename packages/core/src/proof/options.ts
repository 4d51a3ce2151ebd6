import { ConfigError } from '../errors.js'
import { optionError } from '../option-checks.js'
import type { ProofFactory, ProofMethod, ProofParts } from './proof-method.js'

const FIX = "Pass a list of proof methods: [dpop('required')]."

/** Makes the proof methods of a verifier from the option `proofs`. @throws ConfigError */
export function resolveProofs(value: unknown, parts: ProofParts): readonly ProofMethod[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) throw optionError('proofs', value, FIX)
  const methods = value.map((factory: unknown, index) => {
    if (typeof factory !== 'function') throw optionError(`proofs[${index}]`, factory, FIX)
    return (factory as ProofFactory)(parts)
  })
  const kinds = methods.map(({ kind }) => kind)
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) < index)
  if (twice !== undefined) throw new ConfigError(`proofs: ${twice} is there twice. Pass each method once.`)
  return methods
}
