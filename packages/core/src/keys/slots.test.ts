import { describe, expect, test } from 'vitest'
import { flush, Lab } from './lab.test-support.js'
import { Slots, type Leave } from './slots.js'

class Stand {
  readonly lab = new Lab()
  readonly slots = new Slots()
  /** Who has a place, and who went without. */
  readonly inside: string[] = []
  readonly without: string[] = []

  async take(name: string, origin: string, signal = new AbortController().signal): Promise<Leave> {
    const leave = await this.slots.take(origin, this.lab.runtime, signal)
    ;(leave ? this.inside : this.without).push(name)
    return leave ?? (() => undefined)
  }

  /** Takes all places, two at each of four origins. */
  async fill(): Promise<readonly Leave[]> {
    const leaves = []
    for (let index = 0; index < 8; index += 1) leaves.push(this.take(`f${index}`, `o${index >> 1}`))
    return Promise.all(leaves)
  }
}

describe('Slots', () => {
  test('let 8 fetches run at once, and the ninth when one has ended', async () => {
    const stand = new Stand()
    const [leave] = await stand.fill()
    void stand.take('ninth', 'elsewhere')
    await flush()
    expect(stand.inside).toHaveLength(8)
    leave?.()
    await flush()
    expect(stand.inside.at(-1)).toBe('ninth')
    expect(stand.lab.timers.size).toBe(0)
  })

  test('let 2 run at one origin, and do not make others wait behind a third', async () => {
    const stand = new Stand()
    const leave = await stand.take('a1', 'a')
    await stand.take('a2', 'a')
    void stand.take('a3', 'a')
    void stand.take('b1', 'b')
    await flush()
    expect(stand.inside).toEqual(['a1', 'a2', 'b1'])
    leave()
    await flush()
    expect(stand.inside.at(-1)).toBe('a3')
  })

  test('admit in the order of arrival, past those whose origin is full', async () => {
    const stand = new Stand()
    const [first, , , fourth] = await stand.fill()
    for (const origin of ['o1', 'new', 'o0']) void stand.take(origin, origin)
    first?.()
    await flush()
    expect(stand.inside.slice(8)).toEqual(['new'])
    fourth?.()
    await flush()
    expect(stand.inside.slice(8)).toEqual(['new', 'o1'])
  })

  test('let nobody wait longer than a second', async () => {
    const stand = new Stand()
    const [leave] = await stand.fill()
    void stand.take('late', 'elsewhere')
    await stand.lab.advance(999)
    expect(stand.without).toEqual([])
    await stand.lab.advance(1)
    expect(stand.without).toEqual(['late'])
    leave?.()
    await stand.take('next', 'elsewhere')
    expect(stand.inside.at(-1)).toBe('next')
  })

  test('give a place back once, however often it is said', async () => {
    const stand = new Stand()
    const [leave] = await stand.fill()
    leave?.()
    leave?.()
    void stand.take('ninth', 'elsewhere')
    void stand.take('tenth', 'elsewhere')
    await flush()
    expect(stand.inside.slice(8)).toEqual(['ninth'])
  })

  test('give a place back when the fetch is aborted, whether it listens or not', async () => {
    const stand = new Stand()
    const fetch = new AbortController()
    await stand.take('a1', 'a', fetch.signal)
    await stand.take('a2', 'a')
    fetch.abort()
    await stand.take('a3', 'a')
    expect(stand.inside).toEqual(['a1', 'a2', 'a3'])
  })

  test('end the wait of a fetch that is aborted, and give it no place after that', async () => {
    const stand = new Stand()
    const fetch = new AbortController()
    const leave = await stand.take('a1', 'a')
    await stand.take('a2', 'a')
    void stand.take('a3', 'a', fetch.signal)
    void stand.take('a4', 'a')
    fetch.abort()
    leave()
    await flush()
    expect(stand).toMatchObject({ inside: ['a1', 'a2', 'a4'], without: ['a3'] })
    await stand.take('a5', 'b', fetch.signal)
    expect(stand.without).toEqual(['a3', 'a5'])
    expect(stand.lab.timers.size).toBe(0)
  })

  test('keep no place for a fetch that is aborted in the moment of its admission', async () => {
    const stand = new Stand()
    const fetch = new AbortController()
    const leave = await stand.take('a1', 'a')
    await stand.take('a2', 'a')
    void stand.take('a3', 'a', fetch.signal)
    leave()
    fetch.abort()
    await flush()
    await stand.take('a4', 'a')
    expect(stand.inside).toContain('a4')
  })
})
