import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

let mistakes: readonly string[]
let declarations: readonly string[]

beforeAll(() => {
  mistakes = compile('mistakes')
  declarations = compile('declarations')
}, 60_000)

test.each(['express.ts', 'koa.ts', 'hono.ts', 'optional.ts'])(
  'whoever leaves the audience out is told so by name, in %s',
  (file) => {
    expect(messageOf(file)).toMatch(/Property 'audience' is missing/)
  },
)

test.each([
  ['tenants-allow.ts', /Property 'allow' is missing/],
  ['tenants-audience.ts', /Property 'audience' is missing/],
  ['tenants-issuer.ts', /Types of property 'issuer' are incompatible/],
])('tenants go with allow and audience, and not with issuer: %s', (file, message) => {
  expect(messageOf(file)).toMatch(message)
})

// `broken.ts` is wrong on purpose: it tells that the declarations were found and read.
test('the built declarations stand on their own: they need no skipLibCheck', () => {
  expect(declarations).toEqual([expect.stringMatching(/^broken\.ts.*TS2322/)])
})

/** What the compiler says of one file: the first line and those indented below it. */
function messageOf(file: string): string {
  const start = mistakes.findIndex((line) => line.startsWith(`${file}(`))
  const rest = mistakes.slice(start + 1)
  const end = rest.findIndex((line) => !line.startsWith(' '))
  return [mistakes[start], ...rest.slice(0, end === -1 ? undefined : end)].join('\n')
}

function compile(fixture: string): readonly string[] {
  const folder = fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url))
  const run = spawnSync(process.execPath, [TSC, '-p', '.', '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return run.stdout.split('\n').filter((line) => line !== '')
}
