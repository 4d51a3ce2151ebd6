const PREFIX = 'Bearer '

/** Tokens as they lie in the memory of an HTTP parser: each reading cuts a new string from the bytes. */
export class Supply {
  readonly count: number
  readonly #bytes: Buffer
  readonly #ends: Uint32Array

  constructor(tokens: readonly string[]) {
    this.count = tokens.length
    this.#ends = new Uint32Array(tokens.length)
    this.#bytes = Buffer.from(tokens.map((token) => PREFIX + token).join(''), 'latin1')
    let end = 0
    for (const [index, token] of tokens.entries()) this.#ends[index] = end += PREFIX.length + token.length
  }

  /** Cuts a token. */
  token(index: number): string {
    return this.#cut(index, PREFIX.length)
  }

  /** Cuts the value of an `Authorization` field. */
  field(index: number): string {
    return this.#cut(index, 0)
  }

  #cut(index: number, from: number): string {
    const start = index === 0 ? 0 : (this.#ends[index - 1] ?? 0)
    return this.#bytes.toString('latin1', start + from, this.#ends[index])
  }
}
