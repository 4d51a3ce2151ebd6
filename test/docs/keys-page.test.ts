import { readFileSync } from 'node:fs'
import { createVerifier, isRefusal, logEvents, type Verifier } from '@require-jwt/core'
import { createTestIssuer } from '@require-jwt/testing'
import { beforeAll, describe, expect, test, vi } from 'vitest'

const PAGE = readFileSync(new URL('../../docs/keys.md', import.meta.url), 'utf8')
const EVENTS = readFileSync(new URL('../../packages/core/src/events.ts', import.meta.url), 'utf8')
const OPTIONS = { issuer: 'https://login.example', audience: 'https://api.example' }

describe('the table of keySet', () => {
  const rows = rowsUnder('Options').map(([name = '', fallback = '', bounds = '']) => ({
    name: bare(name),
    // Of those that begin with words the code has no figure.
    fallback: /^\d/.test(fallback) ? figures(fallback)[0] : undefined,
    bounds: figures(bounds),
  }))
  const numeric = rows.filter(({ bounds }) => bounds.length > 0)

  test('has every option, and no other', () => {
    const source = readFileSync(new URL('../../packages/core/src/keys/options.ts', import.meta.url), 'utf8')
    const [, body = ''] = /interface KeySetOptions \{([^]*?)^\}/m.exec(source) ?? []
    const names = [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name)
    expect(rows.map(({ name }) => name)).toEqual(names)
    expect(names.filter((name) => !numeric.some((row) => row.name === name))).toEqual(['store'])
  })

  test.each(numeric)('$name has the bounds of the code', ({ name, bounds: [min = 0, max = 0] }) => {
    // What is used while renewed is never longer than what is used in an outage: that one at its longest.
    const others = name === 'staleWhileRevalidateMs' ? { staleIfErrorMs: max } : {}
    for (const value of [min, max]) makeVerifier({ ...others, [name]: value })
    for (const value of [min - 1, max + 1]) {
      expect(catchError(() => makeVerifier({ ...others, [name]: value }))).toContain(`keySet.${name}`)
    }
  })

  test.each(rows.filter(({ fallback }) => fallback !== undefined))(
    '$name has the default of the code',
    async ({ name, fallback }) => {
      expect(await identityWith({ [name]: fallback })).toBe('the default')
      expect(await identityWith({ [name]: Number(fallback) - 1 })).toBe('another one')
    },
  )
})

test('the tables of events and of status() have every name, and no other', async () => {
  const types = [...EVENTS.matchAll(/type: '([\w.]+)'/g)].map(([, type = '']) => type)
  const keys = types.filter((type) => type.startsWith('keys.'))
  expect(firstCells('Events').toSorted()).toEqual(keys.toSorted())
  expect(types.filter((type) => !PAGE.includes(`\`${type}\``))).toEqual([])

  const verifier = makeVerifier()
  const { sources, ...status } = verifier.status()
  await verifier.close()
  const names = [...Object.keys(status), 'sources', ...sources.flatMap((source) => Object.keys(source))]
  expect(firstCells('status()').toSorted()).toEqual(names.toSorted())
})

describe('the story of an outage', () => {
  let story: Story
  beforeAll(async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    story = await playOutage()
  })

  test('is what logEvents writes', () => {
    expect(PAGE).toContain(['```text', story.log + '```', ''].join('\n'))
  })

  test('is what status() tells', () => {
    expect(rowsUnder('An outage, as it is told')).toEqual(story.moments)
  })
})

interface Story {
  readonly log: string
  readonly moments: readonly (readonly string[])[]
}

/** An issuer that is down from the first to the 72nd minute, asked for one request a minute. */
async function playOutage(): Promise<Story> {
  const now = Date.UTC(2030, 0, 1)
  const issuer = await createTestIssuer({ ...OPTIONS, now })
  let log = ''
  const moments: string[][] = []
  const minute = (): number => (issuer.now() - now) / 60_000
  const write =
    (level: string) =>
    (text: string): void => {
      log += `${String(minute()).padStart(2)} min  ${level}  ${text}\n`
    }
  const logger = { info: write('info '), warn: write('warn '), error: write('error') }
  const verifier = createVerifier({ ...issuer.options, observer: logEvents(logger, issuer.now) })
  const { authorization } = await issuer.headers({}, { expiresIn: 7_200 })

  for (; minute() <= 72; issuer.advanceSeconds(60)) {
    if (minute() === 1) issuer.goOffline()
    if (minute() === 72) issuer.goOnline()
    const outcome = await verifier.authenticate({
      method: 'GET',
      url: '/orders',
      values: (name) => (name === 'authorization' ? [authorization] : []),
    })
    await vi.waitFor(() => expect(verifier.status().sources[0]?.fetching).toBe(false))
    if ([0, 9, 15, 30, 70, 72].includes(minute())) {
      moments.push([String(minute()), isRefusal(outcome) ? outcome.code : 'accepted', ...momentOf(verifier)])
    }
  }
  await verifier.close()
  return { log, moments }
}

function momentOf(verifier: Verifier): readonly string[] {
  const { health, sources } = verifier.status()
  return sources.flatMap(({ state, stateEndsMs, staleUntilMs, failures, lastError }) =>
    [state, health, minutes(stateEndsMs), minutes(staleUntilMs), String(failures), lastError ?? '–'].map(
      String,
    ),
  )
}

function minutes(ms: number | undefined): string {
  return ms === undefined ? '–' : `${Math.round(ms / 60_000)} min`
}

/** Whether verifiers with these options share keys with one that has none: then nothing differs after defaults. */
async function identityWith(keySet: Readonly<Record<string, unknown>>): Promise<string> {
  const issuer = await createTestIssuer({ ...OPTIONS })
  const plain = createVerifier(issuer.options)
  const other = createVerifier({ ...issuer.options, keySet })
  await plain.ready()
  const { generation } = other.status().sources[0] ?? {}
  await Promise.all([plain.close(), other.close()])
  return generation === 1 ? 'the default' : 'another one'
}

function makeVerifier(keySet?: Readonly<Record<string, unknown>>): Verifier {
  return createVerifier(keySet === undefined ? OPTIONS : { ...OPTIONS, keySet })
}

function catchError(run: () => unknown): string {
  try {
    run()
    return 'nothing was thrown'
  } catch (error) {
    return String(error)
  }
}

/** The rows of the first table under a heading, without their head. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`)
  const [table = ''] = /^\|(?:.*\n\|)*.*/m.exec(section.split('\n## ')[0] ?? '') ?? []
  return table
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function firstCells(heading: string): readonly string[] {
  return rowsUnder(heading).flatMap(([cell = '']) =>
    [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name),
  )
}

function bare(cell: string): string {
  return cell.replaceAll('`', '')
}

/** The numbers of a cell, as the code has them: 3,600,000, without what stands in brackets behind them. */
function figures(cell: string): readonly number[] {
  return [...cell.replaceAll(/\([^)]*\)/g, '').matchAll(/\d[\d,]*/g)].map(([text]) =>
    Number(text.replaceAll(',', '')),
  )
}
