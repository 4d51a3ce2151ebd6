import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

const mistakes = compile('mistakes')

test.each(['express.ts', 'koa.ts', 'hono.ts', 'optional.ts'])(
  'whoever leaves the audience out is told so by name, in %s',
  (file) => {
    expect(mistakes.filter((line) => line.startsWith(`${file}(`))).toHaveLength(1)
    expect(messageOf(file)).toMatch(/Property 'audience' is missing/)
  },
)

test('the built declarations stand on their own: nothing of ours needs skipLibCheck', () => {
  const complaints = compile('declarations')
  expect(complaints.filter((line) => /^use\.ts|packages\//.test(line))).toEqual([])
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
