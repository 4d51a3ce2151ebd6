/** A clock that moves by hand; `now` is one function for ever, so that key sets can be shared by it. */
export interface Clock {
  readonly now: () => number
  advanceSeconds(seconds: number): void
}

/** Makes a clock that runs with the real time, or one that stands still at `start` (milliseconds). */
export function createClock(start: number | undefined): Clock {
  let offset = 0
  return {
    now: start === undefined ? () => Date.now() + offset : () => start + offset,
    advanceSeconds(seconds) {
      offset += seconds * 1000
    },
  }
}
