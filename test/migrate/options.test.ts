import { describe, expect, test } from 'vitest'
import { namesOf } from './support/option-names.js'
import { readPage } from './support/page.js'

/** A section of a page: its table names every option of these types, each behind its prefix, and no other. */
interface Section {
  readonly heading: string
  readonly types: Readonly<Record<string, string>>
  /** What the library has, by its README, and its types lack. */
  readonly untyped?: readonly string[]
}

const JSONWEBTOKEN = "NonNullable<import('passport-jwt').StrategyOptions['jsonWebTokenOptions']>"
const JWT_BEARER = "import('express-oauth2-jwt-bearer')"

const PAGES: Readonly<Record<string, readonly Section[]>> = {
  'express-jwt': [
    { heading: '`expressjwt`', types: { '': parameter("import('express-jwt')", 'expressjwt') } },
    {
      heading: '`unless`',
      types: {
        '': `Exclude<Parameters<ReturnType<typeof import('express-jwt').expressjwt>['unless']>[0], Function>`,
      },
    },
    {
      heading: '`expressJwtSecret` of jwks-rsa',
      types: { '': parameter("import('jwks-rsa')", 'expressJwtSecret') },
    },
  ],
  'express-oauth2-jwt-bearer': [
    {
      heading: '`auth`',
      types: {
        '': `${JWT_BEARER}.AuthOptions`,
        'cache.discovery.': `NonNullable<NonNullable<${JWT_BEARER}.AuthOptions['cache']>['discovery']>`,
        'cache.jwks.': `NonNullable<NonNullable<${JWT_BEARER}.AuthOptions['cache']>['jwks']>`,
        'dpop.': `${JWT_BEARER}.DPoPOptions`,
        'mtls.': `${JWT_BEARER}.MtlsOptions`,
        'mcd.': `${JWT_BEARER}.MCDOptions`,
      },
    },
    { heading: 'An issuer in `mcd.issuers`', types: { '': `${JWT_BEARER}.IssuerConfig` } },
    { heading: '`validators`', types: { '': `${JWT_BEARER}.Validators` } },
    {
      heading: 'Guards and errors',
      types: { '': `Omit<typeof ${JWT_BEARER}, 'auth'>` },
    },
  ],
  'koa-jwt': [
    {
      heading: '`jwt`',
      types: { '': "import('koa-jwt').Options" },
    },
    { heading: 'What it hands on to jsonwebtoken', types: { '': JSONWEBTOKEN } },
    {
      heading: '`unless`',
      types: { '': "NonNullable<Parameters<import('koa-jwt').UnlessOptions>[0]>" },
      untyped: ['useOriginalUrl'],
    },
    { heading: '`koaJwtSecret` of jwks-rsa', types: { '': parameter("import('jwks-rsa')", 'koaJwtSecret') } },
  ],
  'hono-jwk': [
    {
      heading: '`jwk`',
      types: {
        '': parameter("import('hono/jwk')", 'jwk'),
        'cookie.': `Exclude<NonNullable<${parameter("import('hono/jwk')", 'jwk')}['cookie']>, string>`,
        'verification.': `NonNullable<${parameter("import('hono/jwk')", 'jwk')}['verification']>`,
      },
      untyped: ['init'],
    },
    { heading: '`jwt`', types: { '': parameter("import('hono/jwt')", 'jwt') } },
  ],
  'passport-jwt': [
    {
      heading: '`new Strategy`',
      types: { '': "import('passport-jwt').StrategyOptions" },
      untyped: ['verify'],
    },
    { heading: '`jsonWebTokenOptions`', types: { '': JSONWEBTOKEN } },
    { heading: '`ExtractJwt`', types: { '': "typeof import('passport-jwt').ExtractJwt" } },
    {
      heading: '`passport.authenticate`',
      types: { '': "import('passport').AuthenticateOptions" },
    },
    { heading: '`passport.initialize`', types: { '': "import('passport').InitializeOptions" } },
    {
      heading: '`passportJwtSecret` of jwks-rsa',
      types: { '': parameter("import('jwks-rsa')", 'passportJwtSecret') },
    },
  ],
}

const names = namesOf(
  Object.values(PAGES).flatMap((sections) => sections.flatMap(({ types }) => Object.values(types))),
)

describe.each(Object.entries(PAGES))('docs/migrate/%s.md', (page, sections) => {
  test('has a section for the options of each part of the library, and no other', () => {
    const options = /^## Options\n([^]*?)^## /m.exec(readPage(page))?.[1] ?? ''
    const headings = [...options.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(sections.map(({ heading }) => heading))
  })

  test.each(sections)('names every option of $heading, and none that is not there', (section) => {
    const { heading, types, untyped = [] } = section
    const there = Object.entries(types).flatMap(([prefix, type]) =>
      (names.get(type) ?? []).map((name) => prefix + name),
    )
    expect(there).not.toHaveLength(0)
    expect(new Set(namesInTable(page, heading))).toEqual(new Set([...there, ...untyped]))
  })
})

/** The code in the first column of the table below a heading. */
function namesInTable(page: string, heading: string): readonly string[] {
  const text = readPage(page)
  const section = text.slice(text.indexOf(`\n### ${heading}\n`) + 1).split(/^##/m)[1] ?? ''
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
}

/** The type of what a function takes first. */
function parameter(module: string, name: string): string {
  return `Parameters<typeof ${module}.${name}>[0]`
}
