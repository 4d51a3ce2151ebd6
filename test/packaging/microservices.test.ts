import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildExample, installExamples, makeFolder, pack, type Running, start } from './project.js'

const folder = makeFolder()
const example = join(folder.path, 'microservices')
let services: Running

beforeAll(async () => {
  await installExamples(folder.path, ['microservices'], pack(folder.path))
  services = await start(
    example,
    await buildExample(example),
    { PORT: '0', ROTATE_SECONDS: '3600' },
    /^Listening/,
  )
}, 300_000)

afterAll(async () => {
  await services.stop()
  folder.remove()
})

test('the example microservices, copied out, prints curl lines that give what they say', async () => {
  const lines = /^# .*, (\d+)\ncurl -i (\S+)(?: -d '(.+?)')?(?: -H 'Authorization: (.+)')?$/gm
  const answers: unknown[] = []
  const told: unknown[] = []
  for (const [, status, url = '', body, authorization] of services.said.matchAll(lines)) {
    const method = body === undefined ? 'GET' : 'POST'
    const type = body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }
    const headers = { ...type, ...(authorization && { authorization }) }
    // oxlint-disable-next-line no-await-in-loop -- a story has an order
    const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) })
    answers.push([new URL(url).pathname, answer.status])
    told.push([new URL(url).pathname, Number(status)])
  }
  expect(answers).toEqual([
    ['/chat', 401],
    ['/login', 200],
    ['/chat', 200],
    ['/chat', 200],
    ['/chat', 200],
    ['/orders', 200],
    ['/chat', 401],
    ['/token', 200],
    ['/.well-known/oauth-authorization-server', 200],
    ['/jwks', 200],
  ])
  expect(answers).toEqual(told)
})

test('the example microservices answers a caller without a token as its README shows', async () => {
  const { 1: shown = '' } =
    /^```http\n([^]*?)\n```$/m.exec(readFileSync(join(example, 'README.md'), 'utf8')) ?? []
  const [, url = ''] = /curl -i (\S+\/chat) -d '[^']*'$/m.exec(services.said) ?? []
  const response = await fetch(url, { method: 'POST' })
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
