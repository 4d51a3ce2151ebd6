import { expect, test, vi } from 'vitest'
import { compare, type Pair } from './compare.js'
import { pathOf, writePage } from './page.js'

/** Tests that a page shows what both libraries do today. */
export function testPage(pair: Pair): void {
  test(`docs/migrate/${pair.page}.md shows what the run shows; \`pnpm docs:migrate\` writes it anew`, async () => {
    // Express and Hono print what reaches their default error handlers.
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const comparison = await compare(pair)
    // Beside a library that is set up wrongly, and refuses or accepts everything, ours would shine.
    const statuses = new Map(
      comparison.rows.map(({ name, theirs, ours }) => [name, [theirs.status, ours.status]]),
    )
    expect(statuses.get('a good token (`typ: at+jwt`)')).toEqual([200, 200])
    expect(statuses.get('a tampered signature')).toEqual([401, 401])
    await expect(writePage(pair, comparison)).toMatchFileSnapshot(pathOf(pair.page))
  })
}
