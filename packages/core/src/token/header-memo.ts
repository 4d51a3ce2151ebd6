import { copyText } from './copy-text.js'
import type { ProtectedHeader } from './decode.js'

const MAX_ENTRIES = 100

/** Characters: more than any header of a token that comes often. */
const MAX_LENGTH = 1024

/**
 * Remembers protected headers of tokens whose signature held: a key has one, or a few. It takes none from strangers,
 * so that they cannot fill it.
 */
export class HeaderMemo {
  readonly #entries = new Map<string, ProtectedHeader>()

  /** Finds what was read from this very segment. */
  find(segment: string): ProtectedHeader | undefined {
    return this.#entries.get(segment)
  }

  /** Remembers the header of a token, `text`, whose signature held. */
  add(text: string, { header, alg, kid }: ProtectedHeader): void {
    const segment = text.slice(0, text.indexOf('.'))
    if (segment.length > MAX_LENGTH || this.#entries.has(segment)) return
    // Keys come and go: sooner or later all of them are of keys that went.
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear()
    this.#entries.set(copyText(segment), { header, alg, kid })
  }
}
