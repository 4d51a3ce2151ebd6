/** What a test file may show, because it is meant to be seen. */
interface Exception {
  /** How the paths of the files end. */
  readonly files: readonly string[]
  /** No more than what is meant: the rest of the output is looked at as everywhere. */
  readonly shown: RegExp
  readonly reason: string
}

/** A command to paste into a terminal, with the token in it. */
const CURL = /^curl -i .*-H 'Authorization: Bearer [\w.-]+'/gm

const EXCEPTIONS: readonly Exception[] = [
  {
    files: ['examples/demo/src/demo.test.ts'],
    shown: CURL,
    reason: '`demo --serve` gives its user commands to paste, and the tokens of its own test issuer in them',
  },
  {
    files: ['test/migrate/express-jwt.test.ts'],
    shown: /jwt audience invalid\. expected: \S+/g,
    reason: 'express-jwt, with which ours is compared there, names the audience of its own options',
  },
  {
    files: ['test/packaging/packaging.test.ts', 'test/packaging/microservices.test.ts'],
    shown: CURL,
    reason: 'so do the examples, where no issuer of its own is set',
  },
  {
    files: ['test/packaging/packaging.test.ts'],
    shown: /"token":"[\w.-]+"/g,
    reason: 'the issuer of the fixtures is a process of its own, which hands the test a token by its output',
  },
]

/** Takes out of the output of a test file what the file is meant to show. */
export function withoutExceptions(file: string, text: string): string {
  const own = EXCEPTIONS.filter(({ files }) => files.some((end) => file.endsWith(end)))
  return own.reduce((rest, { shown }) => rest.replaceAll(shown, ''), text)
}
