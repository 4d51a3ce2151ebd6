import ts from 'typescript5'
import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/errors.js'
import { ALGORITHMS } from '../../packages/core/src/signature/algorithms.js'
import { readText, sourceFiles } from './repository.js'

// An adapter translates. What it would need one of these words for, the core has to know instead.
const CLAIMS =
  'iss sub aud exp nbf iat jti azp client_id cid appid scope scp roles permissions groups cnf act acr amr ' +
  'auth_time nonce at_hash c_hash'
const HEADER_PARAMETERS = 'alg kid typ crit b64 cty jku jwk x5c x5u'
const CHALLENGE = 'authorization bearer dpop www-authenticate realm error error_description retry-after'

const WORDS: ReadonlySet<string> = new Set(
  [
    ...CLAIMS.split(' '),
    ...HEADER_PARAMETERS.split(' '),
    ...CHALLENGE.split(' '),
    'none',
    ...Object.keys(ALGORITHMS),
    ...Object.entries(AUTH_ERRORS).flatMap(([code, { wire }]) => [code, wire ?? code]),
  ].map((word) => word.toLowerCase()),
)
const STATUS = /^[1-5]\d\d$/

describe.each(['node', 'express', 'koa', 'hono'])('the source of %s', (name) => {
  test('contains no claim name, algorithm, status number or challenge word', () => {
    const sources = sourceFiles(`packages/${name}`)
    expect(sources).not.toHaveLength(0)
    expect(sources.flatMap((path) => forbiddenWords(path).map((word) => `${path}: ${word}`))).toEqual([])
  })
})

test('the check sees such words in strings, templates, patterns, member names and numbers', () => {
  const source = [
    "const a = claims.aud, b = 'Bearer abc', c = `x ${c} RS256`, d = /realm=/, { exp } = claims",
    "if (error.status === 401) throw new Error('invalid_token')",
  ].join('\n')
  expect(forbiddenWordsIn(source)).toEqual(['aud', 'Bearer', 'RS256', 'realm', 'exp', '401', 'invalid_token'])
})

test('the check leaves comments, import specifiers and ordinary names alone', () => {
  const source =
    "// 401\nimport { requireScope } from './scope.js'\nexport const onError = (error: Error) => 0"
  expect(forbiddenWordsIn(source)).toEqual([])
})

function forbiddenWords(path: string): readonly string[] {
  return forbiddenWordsIn(readText(path))
}

function forbiddenWordsIn(text: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    if (isText(node)) found.push(...wordsOf(node.text).filter((word) => WORDS.has(word.toLowerCase())))
    else if (ts.isNumericLiteral(node) && STATUS.test(node.text)) found.push(node.text)
    else if (isMemberName(node) && WORDS.has(node.text)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true))
  return found
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node) || ts.isRegularExpressionLiteral(node)
}

/** `x.aud`, `{ aud: … }`, `{ aud } = x`; not a variable or a parameter that happens to be called so. */
function isMemberName(node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node)) return false
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) return parent.name === node
  if (ts.isBindingElement(parent)) return ts.isObjectBindingPattern(parent.parent)
  return ts.isShorthandPropertyAssignment(parent)
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*/g) ?? []
}
