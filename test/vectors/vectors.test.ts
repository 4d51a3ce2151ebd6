import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseKeySet } from '../../packages/core/src/keys/parse.js'
import { EXPECTED } from './expected.js'
import { judge, type Verdict } from './judge.js'
import { drawTable } from './table.js'
import { surprises, tally, type Judged } from './tally.js'
import { readCookbookKeys, readVectors, type Vector } from './vectors.js'

// The whole of this file runs on both: see `test:web` in package.json.
const CRYPTO_PATH = process.env['CRYPTO_PATH'] === 'web' ? 'WebCrypto' : 'node:crypto'

const vectors = readVectors()
const groups = Object.entries(EXPECTED)

test('every vector belongs to a group with expectations', () => {
  expect([...new Set(vectors.map(({ group }) => group))].toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
})

describe(`through ${CRYPTO_PATH}`, () => {
  const judged: Judged[] = []

  beforeAll(async () => {
    for (const vector of vectors) {
      // One after the other: the order of the lines in a failure is that of the file.
      // oxlint-disable-next-line no-await-in-loop
      judged.push([vector, await judgeOrName(vector)])
    }
  })

  afterAll(() => {
    console.log(`Public vectors, ${CRYPTO_PATH}\n${drawTable(judged)}`)
  })

  describe.each(groups)('%s', (group, { rules, overrides, ...counts }) => {
    const own = (): readonly Judged[] => judged.filter(([vector]) => vector.group === group)

    test('valid is verified and invalid refused, but for a stricter rule or an override that is needed', () => {
      expect(surprises(own(), rules, overrides)).toEqual([])
    })

    test('as many are verified, refused by each rule and refused in each layer as are written down', () => {
      expect(tally(own(), rules, overrides)).toEqual(counts)
    })
  })
})

test('the tokens that are called padded are a valid one, to the letter', () => {
  const valid = signatureVector('357')
  expect(valid?.label).toBe('valid')
  expect(signatureVector('367')?.token).toBe(valid?.token)
  expect(signatureVector('370')?.token).toBe(valid?.token)
})

test('of the keys of the cookbook only the public ones can be used', async () => {
  const reasons: Record<string, string> = {}
  for (const [name, jwk] of readCookbookKeys()) {
    // oxlint-disable-next-line no-await-in-loop
    const parsed = await parseKeySet({ keys: [jwk] })
    reasons[name] = parsed.ok ? 'usable' : parsed.reason
  }
  expect(reasons).toEqual({
    '3_1.ec_public_key.json': 'usable',
    '3_2.ec_private_key.json': 'no usable key (private or symmetric)',
    '3_3.rsa_public_key.json': 'usable',
    '3_4.rsa_private_key.json': 'no usable key (private or symmetric)',
    '3_5.symmetric_key_mac_computation.json': 'no usable key (private or symmetric)',
    '3_6.symmetric_key_encryption.json': 'no usable key (private or symmetric)',
  })
})

describe('the runner', () => {
  const refused: Verdict = { verified: false, at: 'keys', reason: 'no such key' }

  test('reports a vector that is not what its label says', () => {
    expect(surprises([[vectorOf('valid'), { verified: true }]], [], [])).toEqual([])
    expect(surprises([[vectorOf('invalid'), refused]], [], [])).toEqual([])
    expect(surprises([[vectorOf('valid'), refused]], [], [])).toEqual([
      '1: valid, but refused at keys: no such key',
    ])
    expect(surprises([[vectorOf('invalid'), { verified: true }]], [], [])).toEqual([
      '1: invalid, but verified',
    ])
  })

  test('excuses a valid vector by a rule, never an invalid one', () => {
    const rules = [{ rule: 'JWT-14', reason: 'no such key' }] as const
    expect(surprises([[vectorOf('valid'), refused]], rules, [])).toEqual([])
    expect(surprises([[vectorOf('invalid'), { verified: true, lifted: 'no such key' }]], rules, [])).toEqual([
      '1: invalid, but verified',
    ])
  })

  test('reports an override that is not needed any more', () => {
    const overrides = [{ ids: ['1'], why: 'its label is wrong' }]
    expect(surprises([[vectorOf('valid'), refused]], [], overrides)).toEqual([])
    expect(surprises([[vectorOf('valid'), { verified: true }]], [], overrides)).toEqual([
      '1: the override is not needed',
    ])
    expect(surprises([], [], overrides)).toEqual(['1: the override is not needed'])
  })
})

/** Says which vector it was that made the core throw. */
async function judgeOrName(vector: Vector): Promise<Verdict> {
  try {
    return await judge(vector)
  } catch (cause) {
    throw new Error(`${vector.group}, ${vector.id}: the core threw`, { cause })
  }
}

function signatureVector(tcId: string): Vector | undefined {
  return vectors.find(({ group, id }) => group === 'wycheproof/json_web_signature_test.json' && id === tcId)
}

function vectorOf(label: Vector['label']): Vector {
  return { group: 'some', id: '1', label, token: '', keys: [] }
}
