// Counts what verifications leave on the heap and what they allocate on it. Needs --expose-gc and a young generation
// in which a batch leaves no need to collect.
import { createVerifier } from '@require-jwt/core'
import { mint, OPTIONS } from './tokens.mjs'

const BATCH = 1_000
const BATCHES = 7
const ENTRIES = 10_000

const empty = async (token) => token
const remembering = createVerifier(OPTIONS)
const forgetting = createVerifier({ ...OPTIONS, signatureMemo: false })
const batch = Array.from({ length: BATCH }, (_, number) => Buffer.from(mint(number)))

const loop = await allocatedBy(empty)
const firstSight = (await allocatedBy((token) => forgetting.verify(token))) - loop
const remembered = (await allocatedBy((token) => remembering.verify(token))) - loop

console.log(JSON.stringify({ remembered, firstSight, entry: await bytesOfAnEntry() }))

/** Bytes that 1,000 calls allocate: the median of some batches, after those in which the code is compiled. */
async function allocatedBy(check) {
  const found = []
  for (let round = 0; round < BATCHES * 3; round += 1) {
    collect()
    const before = process.memoryUsage().heapUsed
    for (const bytes of batch) await check(bytes.toString('latin1'))
    found.push(process.memoryUsage().heapUsed - before)
  }
  return medianOf(found.slice(-BATCHES))
}

/** Bytes that one remembered token keeps on the heap. */
async function bytesOfAnEntry() {
  const verifier = createVerifier(OPTIONS)
  await verifier.verify(mint(0))
  collect()
  const before = process.memoryUsage().heapUsed
  for (let number = 1; number <= ENTRIES; number += 1) await verifier.verify(mint(number))
  collect()
  const grown = process.memoryUsage().heapUsed - before
  // Used once more, so that it is not collected before it is measured.
  await verifier.close()
  return grown / ENTRIES
}

function collect() {
  globalThis.gc()
  globalThis.gc()
}

function medianOf(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
