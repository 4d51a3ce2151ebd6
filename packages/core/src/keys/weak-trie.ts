/** A place for each sequence of objects, all of them held weakly: it is gone when one of them is. */
export class WeakTrie<T> {
  readonly #children = new WeakMap<object, WeakTrie<T>>()
  #value: T | undefined

  /** Gives what is kept under these objects, in this order; `make` makes it the first time. */
  at(path: readonly object[], make: () => T): T {
    const [first, ...rest] = path
    if (first === undefined) return (this.#value ??= make())
    const child = this.#children.get(first) ?? new WeakTrie<T>()
    this.#children.set(first, child)
    return child.at(rest, make)
  }

  /** Tells whether something was kept under a path that begins with these objects. */
  has(path: readonly object[]): boolean {
    const [first, ...rest] = path
    return first === undefined || (this.#children.get(first)?.has(rest) ?? false)
  }
}
