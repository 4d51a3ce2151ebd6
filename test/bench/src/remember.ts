import { CONTENDERS } from './contenders/all.js'
import { mint, mintAll } from './mint.js'
import { makeSigner } from './policy.js'
import { Supply } from './supply.js'

/** What this process is told to do. */
export interface MemoryTask {
  readonly name: string
  readonly tokens: number
}

/** What it has found. */
export interface MemoryFound {
  /** By which the heap has grown, after forced collections. */
  readonly grownBytes: number
  /** What 1,000 verifications have allocated. */
  readonly allocatedBytes: number
}

const WARM = 500
const COUNTED = 1_000

const { name, tokens } = JSON.parse(process.argv[2] ?? '') as MemoryTask
const contender = CONTENDERS.find((each) => each.name === name)
if (contender === undefined) throw new Error(`there is no contender ${name}`)

const signer = makeSigner('ES256')
const check = await contender.make(signer.policy)
// oxlint-disable no-await-in-loop -- one after the other
for (let count = 0; count < WARM; count += 1) await check(cut(mint(signer)))

const supply = new Supply(mintAll(signer, COUNTED))
collect()
const { heapUsed: start } = process.memoryUsage()
for (let index = 0; index < COUNTED; index += 1) await check(supply.token(index))
// The young generation is larger than this: nothing was collected on the way.
const allocatedBytes = process.memoryUsage().heapUsed - start

const before = heldBytes()
for (let count = 0; count < tokens; count += 1) await check(cut(mint(signer)))
// oxlint-enable no-await-in-loop
const grownBytes = heldBytes() - before
// Used once more, so that it is not collected before it is measured.
await check(cut(mint(signer)))
process.send?.({ grownBytes, allocatedBytes } satisfies MemoryFound)

function cut(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1')
}

function heldBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('start it with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}
