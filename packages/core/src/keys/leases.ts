import type { Observer } from '../events.js'

/** One who has a share in a key source. */
export interface Holder {
  readonly observer: Observer
}

/**
 * The leases of one key source. Held weakly: a verifier that was made for one request and never closed leaves
 * nothing behind.
 */
export class Leases {
  #refs: WeakRef<Holder>[] = []
  #sweepAt = 16

  /** Adds a lease. Does not keep its holder alive. */
  add(holder: Holder): void {
    // Each sweep is paid for by as many additions as there are leases to look at.
    if (this.#refs.length >= this.#sweepAt) {
      this.#refs = this.#refs.filter((ref) => ref.deref() !== undefined)
      this.#sweepAt = Math.max(16, 2 * this.#refs.length)
    }
    this.#refs.push(new WeakRef(holder))
  }

  /** Ends a lease; tells whether it was the last. */
  end(holder: Holder): boolean {
    this.#refs = this.#refs.filter((ref) => ref.deref() !== undefined && ref.deref() !== holder)
    return this.#refs.length === 0
  }

  /** The observers of all leases. */
  observers(): readonly Observer[] {
    return this.#refs.flatMap((ref) => ref.deref()?.observer ?? [])
  }
}
