import { afterAll, describe, expect, test } from 'vitest'
import type { Adapter } from './adapters/adapter.js'
import { createStand } from './stand.js'
import { GUARDED, TABLE } from './table/index.js'

/** Runs the table over an adapter, on a route of its own and behind a mount path. */
export function runTable(adapter: Adapter): void {
  describe.each([adapter])('$name', () => {
    // What stands outside and what inside matters where there is more than one middleware.
    describe.each([
      { placement: 'plain', table: TABLE },
      { placement: 'mounted', table: TABLE },
      { placement: 'split', table: GUARDED },
    ] as const)('$placement', ({ placement, table }) => {
      const stand = createStand(adapter, placement)
      afterAll(stand.close)

      for (const { rules, about, refuses, accepts } of table) {
        describe(`${rules.join(' ')}: ${about}`, () => {
          test.each(refuses)('refuses $name', async ({ scene, expected }) => {
            expect(expected.status).toBeGreaterThanOrEqual(400)
            await stand.run(scene, expected)
          })
          test.each(accepts)('accepts $name', async ({ scene, expected }) => {
            expect(expected.status).toBeLessThan(300)
            await stand.run(scene, expected)
          })
        })
      }
    })
  })
}
