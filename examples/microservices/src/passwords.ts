import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** What is kept of a password. */
export interface StoredPassword {
  readonly salt: Buffer
  readonly hash: Buffer
}

// 32 MiB and three passes for each guess; Node allows 32 MiB at most unless it is told otherwise.
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 }
const HASH_BYTES = 32

// Nobody's password: only the time that comparing with it takes is of use.
const DECOY: StoredPassword = { salt: randomBytes(16), hash: randomBytes(HASH_BYTES) }

/** Makes of a password what may be kept. */
export async function hashPassword(password: string): Promise<StoredPassword> {
  const salt = randomBytes(16)
  return { salt, hash: await derive(password, salt) }
}

/** Tells whether a password is the one; where there is none to compare with it is not, and takes as long. */
export async function checkPassword(password: string, stored: StoredPassword | undefined): Promise<boolean> {
  const { salt, hash } = stored ?? DECOY
  return timingSafeEqual(await derive(password, salt), hash) && stored !== undefined
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
