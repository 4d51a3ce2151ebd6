import { readdirSync, readFileSync } from 'node:fs'

/** A JSON Web Key as a file has it: public, private or symmetric. */
export type Jwk = Readonly<Record<string, unknown>>

/** A token of somebody else, the keys it is to be checked with, and what its author says of it. */
export interface Vector {
  /** The file, or the part of a collection, that it is counted with. */
  readonly group: string
  /** Unique in its group. */
  readonly id: string
  readonly label: 'valid' | 'invalid'
  readonly token: string
  readonly keys: readonly Jwk[]
  /** What the API allows. Without it: what the secrets name, or the default for published keys. */
  readonly algorithms?: readonly string[]
}

interface WycheproofFile {
  readonly numberOfTests: number
  readonly testGroups: readonly {
    readonly private: Jwk
    readonly public?: Jwk
    readonly tests: readonly {
      readonly tcId: number
      readonly result: 'valid' | 'invalid'
      readonly jws?: string
      readonly jwe?: string
    }[]
  }[]
}

interface CookbookExample {
  readonly input: { readonly key?: Jwk | readonly Jwk[]; readonly alg?: string | readonly string[] }
  readonly output: Readonly<Partial<Record<'compact' | 'json' | 'json_flat', unknown>>>
}

interface RfcFile {
  readonly examples: readonly {
    readonly section: string
    readonly valid: boolean
    readonly allow: readonly string[]
    readonly key: Jwk
    readonly jws: string
  }[]
}

/** The members that a key is published with (RFC 7517 §4, RFC 7518 §6). */
const PUBLIC_MEMBERS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'n', 'e', 'crv', 'x', 'y']

const COOKBOOK = 'ietf-jose-cookbook'

/** Reads every vector of `data/`. */
export function readVectors(): readonly Vector[] {
  return [
    ...wycheproof('json_web_signature_test.json'),
    ...wycheproof('json_web_key_test.json'),
    ...wycheproof('json_web_encryption_test.json'),
    ...rfcExamples('rfc/examples.json'),
    ...['jws', 'jwe', 'rfc7797', 'curve25519'].flatMap(cookbookFolder),
    ...cookbookNested('6.nesting_signatures_and_encryption.json'),
  ]
}

/** Reads the keys of the cookbook by the names of their files. */
export function readCookbookKeys(): readonly (readonly [name: string, jwk: Jwk])[] {
  return filesOf(`${COOKBOOK}/jwk`).map((name) => [name, read(`${COOKBOOK}/jwk/${name}`) as Jwk])
}

function wycheproof(name: string): readonly Vector[] {
  const file = read(`wycheproof/${name}`) as WycheproofFile
  const vectors = file.testGroups.flatMap((tests) =>
    tests.tests.map(({ tcId, result, jws, jwe }): Vector => {
      const token = jws ?? jwe
      if (token === undefined) throw new Error(`${name}: ${tcId} has no token`)
      const keys = keysOf(tests.public ?? tests.private)
      return { group: `wycheproof/${name}`, id: String(tcId), label: result, token, keys }
    }),
  )
  if (vectors.length !== file.numberOfTests) throw new Error(`${name}: not all of its tests were read`)
  return vectors
}

function keysOf(jwk: Jwk): readonly Jwk[] {
  return Array.isArray(jwk['keys']) ? (jwk['keys'] as readonly Jwk[]) : [jwk]
}

function rfcExamples(path: string): readonly Vector[] {
  const { examples } = read(path) as RfcFile
  return examples.map(({ section, valid, allow, key, jws }) => {
    const label = valid ? 'valid' : 'invalid'
    return { group: path, id: section, label, token: jws, keys: [key], algorithms: allow }
  })
}

function cookbookFolder(folder: string): readonly Vector[] {
  return filesOf(`${COOKBOOK}/${folder}`).flatMap((name) =>
    cookbookVectors(folder, name, read(`${COOKBOOK}/${folder}/${name}`) as CookbookExample),
  )
}

function cookbookNested(name: string): readonly Vector[] {
  const layers = read(`${COOKBOOK}/${name}`) as Readonly<Record<'sign' | 'encrypt', CookbookExample>>
  return [
    ...cookbookVectors('nested', 'sign', layers.sign),
    ...cookbookVectors('nested', 'encrypt', layers.encrypt),
  ]
}

/** Each serialization of an example is a vector; those in JSON are counted apart. */
function cookbookVectors(part: string, name: string, { input, output }: CookbookExample): readonly Vector[] {
  const keys = [input.key ?? []].flat().map(publicHalf)
  const algorithms = [input.alg ?? []].flat()
  return Object.entries(output).map(([form, value]) => ({
    group: `${COOKBOOK}/${part}, ${form === 'compact' ? 'compact' : 'JSON'}`,
    id: `${name} ${form}`,
    label: 'valid',
    token: typeof value === 'string' ? value : JSON.stringify(value),
    keys,
    algorithms,
  }))
}

/** A secret has no public half: it stays what it is. */
function publicHalf(jwk: Jwk): Jwk {
  if (jwk['kty'] === 'oct') return jwk
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => PUBLIC_MEMBERS.includes(name)))
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(new URL(`data/${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.json'))
    .toSorted()
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`data/${path}`, import.meta.url), 'utf8'))
}
