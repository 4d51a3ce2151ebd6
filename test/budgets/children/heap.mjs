// Counts what verifications allocate on the heap and what they leave there. Needs --expose-gc, and a young generation
// in which a batch leaves no need to collect. What the loop itself costs is taken off.
import { createVerifier } from '@require-jwt/core'
import { mint, OPTIONS } from './tokens.mjs'

const BATCH = 1_000
/** The first ones, in which the code is compiled, do not count. */
const BATCHES = { warm: 20, counted: 20 }
/** So many tokens a verifier remembers. */
const ENTRIES = 10_000

const batch = Array.from({ length: BATCH }, (_, number) => Buffer.from(mint(number)))
const loop = await allocatedBy(async (token) => token)
const remembering = createVerifier(OPTIONS)
const forgetting = createVerifier({ ...OPTIONS, signatureMemo: false })

console.log(
  JSON.stringify({
    'allocated by 1,000 verifications of remembered tokens':
      (await allocatedBy((token) => remembering.verify(token))) - loop,
    'allocated by 1,000 verifications of tokens at first sight':
      (await allocatedBy((token) => forgetting.verify(token))) - loop,
    'kept for a remembered token': await keptForEach(),
  }),
)

/** Bytes that 1,000 calls allocate: the least of the batches, because what the compiler does now and then adds some. */
async function allocatedBy(check) {
  const found = []
  for (let round = 0; round < BATCHES.warm + BATCHES.counted; round += 1) {
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    // As a parser does it: each time a new string, cut from bytes.
    for (const bytes of batch) await check(bytes.toString('latin1'))
    found.push(process.memoryUsage().heapUsed - before)
  }
  return Math.min(...found.slice(BATCHES.warm))
}

/** Bytes of heap that a verifier keeps for each of many tokens. */
async function keptForEach() {
  const verifier = createVerifier(OPTIONS)
  await verifier.verify(mint(0))
  const before = held()
  for (let number = 1; number < ENTRIES; number += 1) await verifier.verify(mint(number))
  const kept = held() - before
  // Used once more, so that it is not collected before it is measured.
  await verifier.verify(mint(0))
  return Math.round(kept / ENTRIES)
}

function held() {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
