// Takes the rules that a token has to pass out of the core, one at a time, in a copy, and demands that attacks of every
// class that is about the rule succeed. The rules are in test/prove/attacks.json. An argument picks those of one class:
// `kid`.
import { readFileSync } from 'node:fs'
import { prove, runTests } from './mutation.mjs'

const [only] = process.argv.slice(2)

prove({
  name: 'prove-attacks',
  paths: ['packages', 'test/attacks', 'test/conformance', 'test/prove'],
  rules: JSON.parse(readFileSync('test/prove/attacks.json', 'utf8')).filter(
    ({ classes }) => only === undefined || classes.includes(only),
  ),
  labelOf: ({ classes: [first, ...more] }) =>
    more.length === 0 ? first : `${first} and ${more.length} more`,
  failureOf,
})

/** One adapter is enough: the others ask the same core. `on` names another test file, where only that one sees the rule. */
function failureOf({ classes, on = 'hono' }, copy) {
  const pattern = `(?:^| )(?:${classes.join('|')})(?:: |$)`
  const options = [`test/attacks/${on}.test.ts`, '-t', pattern, '--testTimeout=10000']
  const { tests } = runTests(copy, options)
  const failed = tests.filter(({ status }) => status === 'failed')
  const found = classes.map((name) => failed.find((test) => isOf(name, test)))
  return found.includes(undefined) ? undefined : found[0].title
}

/** A class is a title of its own, which goes on with what it is about. */
function isOf(name, { ancestorTitles, title }) {
  return [...ancestorTitles, title].some((text) => text === name || text.startsWith(`${name}: `))
}
