import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addFixtures,
  buildExample,
  compile,
  COMPILERS,
  install,
  installExamples,
  makeFolder,
  pack,
  type Running,
  start,
  type Tarballs,
} from './project.js'

// What a user installs beside the adapter and the test kit.
const ADAPTERS = {
  express: ['express', '@types/express', '@types/node'],
  koa: ['koa', '@types/koa', '@types/node'],
  hono: ['hono', '@hono/node-server', '@types/node'],
} as const
// What the calls give that an example prints.
const EXAMPLES = {
  'express-orders': [401, 200, 404, 403, 200, 200],
  'koa-orders': [401, 200, 404, 403, 200, 200],
  'hono-orders': [401, 200, 404, 403, 200, 200],
  'nest-orders': [200, 401, 200, 404, 403, 200, 200],
} as const
const PACKAGES = ['core', 'node', 'express', 'koa', 'hono', 'testing'].map((name) => `@require-jwt/${name}`)

// What a protected route says to a caller without a token, and to one with a good one.
const PROTECTED = [
  [401, 'Bearer realm="api"'],
  [200, { sub: 'user-7' }],
]

const folder = makeFolder()
let tarballs: Tarballs

const project = (name: string): string => join(folder.path, name)

beforeAll(async () => {
  tarballs = pack(folder.path)
  await Promise.all([
    ...Object.entries(ADAPTERS).map(async ([name, beside]) => {
      await install(project(name), [`@require-jwt/${name}`, '@require-jwt/testing', ...beside], tarballs)
      addFixtures(project(name), name)
    }),
    installExamples(project('examples'), Object.keys(EXAMPLES), tarballs),
    install(project('all'), [...PACKAGES, 'require-jwt', 'express', 'koa', 'hono'], tarballs),
  ])
}, 300_000)

afterAll(() => {
  folder.remove()
})

describe.each(Object.keys(ADAPTERS))('@require-jwt/%s in an empty project', (name) => {
  let issuer: Running
  let token: string
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    issuer = await start(project(name), 'issuer.mjs')
    const said: { readonly issuer: string; readonly token: string } = JSON.parse(issuer.said)
    token = said.token
    env = { ISSUER: said.issuer }
  })

  afterAll(async () => {
    await issuer.stop()
  })

  test('protects a route of an ESM server', async () => {
    expect(await callServer('server.mjs')).toEqual(PROTECTED)
  })

  test('protects a route of a CommonJS server', async () => {
    expect(await callServer('server.cjs')).toEqual(PROTECTED)
  })

  test.each(Object.entries(COMPILERS))(
    'compiles with %s and protects a route; a file without an audience does not compile',
    async (_, compiler) => {
      const complaints = compile(project(name), compiler)
      expect(complaints).toEqual([expect.stringMatching(/^broken\.ts\(\d+,\d+\): error TS\d+: /)])
      expect(complaints.join('')).toContain("'audience' is missing")
      expect(await callServer('compiled/server.js')).toEqual(PROTECTED)
    },
  )

  /** Starts a server, asks it without a token and with one, and stops it. */
  async function callServer(file: string): Promise<unknown> {
    const server = await start(project(name), file, env)
    try {
      const url = `http://127.0.0.1:${server.said}/me`
      const anonymous = await fetch(url)
      const authenticated = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      return [
        [anonymous.status, anonymous.headers.get('www-authenticate')],
        [authenticated.status, await authenticated.json()],
      ]
    } finally {
      await server.stop()
    }
  }
})

describe.each(Object.entries(EXAMPLES))('the example %s, copied out', (name, statuses) => {
  let server: Running

  beforeAll(async () => {
    const example = join(project('examples'), name)
    const env = { ISSUER: '', AUDIENCE: '', PORT: '0' }
    server = await start(example, await buildExample(example), env, /^Listening/)
  })

  afterAll(async () => {
    await server.stop()
  })

  test('prints curl lines that give what they say', async () => {
    const calls = [
      ...server.said.matchAll(/^# .*, (\d+)\ncurl -i (\S+)(?: -X (\S+))?(?: -H 'Authorization: (.+)')?$/gm),
    ]
    const answers: number[] = []
    for (const { 2: url = '', 3: method = 'GET', 4: authorization } of calls) {
      // oxlint-disable-next-line no-await-in-loop -- the refund comes last
      const { status } = await fetch(url, { method, headers: { ...(authorization && { authorization }) } })
      answers.push(status)
    }
    expect(answers).toEqual(statuses)
    expect(answers).toEqual(calls.map(([, told]) => Number(told)))
  })

  test('answers a caller without a token as its README shows', async () => {
    const readme = readFileSync(join(project('examples'), name, 'README.md'), 'utf8')
    const { 1: shown = '' } = /^```http\n([^]*?)\n```$/m.exec(readme) ?? []
    const [, url = ''] = /curl -i (\S+\/orders)$/m.exec(server.said) ?? []
    const response = await fetch(url)
    const fields = [...shown.matchAll(/^([\w-]+): /gm)].map(([, field = '']) => field)
    expect(
      [
        `HTTP/1.1 ${response.status} ${response.statusText}`,
        ...fields.map((field) => `${field}: ${response.headers.get(field)}`),
        '',
        await response.text(),
      ].join('\n'),
    ).toBe(shown)
  })
})

test('the command runs from where npm puts it', () => {
  const command = join(project('all'), 'node_modules/.bin/require-jwt')
  const said = execFileSync(command, ['--version'], { encoding: 'utf8' })
  expect(said).toMatch(/^\d+\.\d+\.\d+/)
})

test('there is a tarball for each package', () => {
  expect([...tarballs.keys()].toSorted()).toEqual([...PACKAGES, 'require-jwt'].toSorted())
})

describe.each([...PACKAGES, 'require-jwt'])('the tarball of %s', (name) => {
  const installed = (): string => join(project('all'), 'node_modules', name)
  const manifest = (): string => readFileSync(join(installed(), 'package.json'), 'utf8')

  test('holds every file that package.json names', () => {
    const { main, types, exports, bin }: Record<string, unknown> = JSON.parse(manifest())
    const named = [...pathsIn(main), ...pathsIn(types), ...pathsIn(exports), ...pathsIn(bin)]
    expect(named).toContain('./dist/index.js')
    expect(named.filter((path) => !existsSync(join(installed(), path)))).toEqual([])
  })

  test('holds the sources that its source maps lead to', () => {
    const maps = filesIn(installed()).filter((path) => path.endsWith('.map'))
    expect(maps).not.toHaveLength(0)
    expect(maps.flatMap((map) => sourcesOf(installed(), map)).filter((path) => !existsSync(path))).toEqual([])
  })

  test('holds a README and the licence, and no tests', () => {
    const files = filesIn(installed())
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE']))
    expect(files.filter((path) => /\.test[.-]|\.tsbuildinfo$|(?:^|\/)tsconfig/.test(path))).toEqual([])
  })

  test('asks for nothing that only this workspace understands', () => {
    expect(manifest()).not.toMatch(/@require-jwt\/source|workspace:|catalog:|link:|file:/)
  })
})

/** Every path in a value of package.json: a string, or a tree of conditions. */
function pathsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value.startsWith('./') ? value : `./${value}`]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : []
}

function filesIn(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
}

function sourcesOf(root: string, map: string): readonly string[] {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(
    readFileSync(join(root, map), 'utf8'),
  )
  return sources.map((source) => normalize(join(root, dirname(map), source)))
}
