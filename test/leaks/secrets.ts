/** The shortest text that counts as a secret: what is shorter stands in many a sentence by chance. */
const MIN_LENGTH = 6

/** Words of our own sentences and options that stand in tokens as well. */
const WORDS: ReadonlySet<string> = new Set(['at+jwt', 'access', 'toString'])

/** What is shown to nobody, whoever minted it. */
const PATTERNS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a token', /\beyJ[\w-]{8,}\.[\w-]*\./],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\b[dk]["']?: ?["'][\w-]{40,}/],
]

/** Tells whether a text of a token is long and special enough to give something away. */
export function isTelling(text: string): boolean {
  return text.length >= MIN_LENGTH && !WORDS.has(text)
}

/** What nobody may be told. */
export class Secrets {
  readonly #byStart = new Map<string, Map<string, string>>()

  /** Keeps a text; `what` names it where it is found, because the text itself is not to be shown. */
  add(text: string, what: string): void {
    if (!isTelling(text)) return
    const start = text.slice(0, MIN_LENGTH)
    const known = this.#byStart.get(start) ?? new Map<string, string>()
    this.#byStart.set(start, known.set(text, what))
  }

  /** Names what a text tells that it may not. */
  findIn(text: string): readonly string[] {
    const found = new Set(PATTERNS.filter(([, pattern]) => pattern.test(text)).map(([what]) => what))
    // By their first characters: there may be as many secrets as a suite mints tokens.
    for (let at = 0; at <= text.length - MIN_LENGTH; at += 1) {
      for (const [secret, what] of this.#byStart.get(text.slice(at, at + MIN_LENGTH)) ?? []) {
        if (text.startsWith(secret, at)) found.add(what)
      }
    }
    return [...found]
  }
}
