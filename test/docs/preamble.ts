import ts from 'typescript5'

// What a block may use without saying where it comes from.
const VALUES: Readonly<Record<string, string>> = {
  assert: "declare const assert: typeof import('node:assert/strict')",
  issuer: "const issuer = 'https://login.example'",
  audience: "const audience = 'https://api.example'",
  createApp:
    "declare function createApp(options: import('@require-jwt/hono').VerifierOptions): import('hono').Hono",
}
const FRAMEWORKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '@require-jwt/express': {
    app: "declare const app: import('express').Express",
    handler: "declare const handler: import('express').RequestHandler",
  },
  '@require-jwt/koa': {
    app: "declare const app: import('koa')",
    handler: "declare const handler: import('koa').Middleware",
  },
  '@require-jwt/hono': {
    app: "declare const app: import('hono').Hono",
    handler: "declare const handler: import('hono').Handler",
  },
}

/**
 * Makes a block a module that compiles alone.
 *
 * One line before it declares `issuer`, `audience`, `app` and `handler` where the block uses but does not
 * declare them; the lines after it use what was declared, as a reader goes on to do. What the block imports
 * it has to use itself.
 */
export function asModule(code: string): string {
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true)
  const declared = declarationsOf(source)
  const known = new Set([...importsOf(source), ...declared.map(({ name }) => name)])
  const used = new Set(code.match(/[A-Za-z_$][\w$]*/g))
  const preamble = Object.entries({ ...VALUES, ...frameworkOf(source) }).filter(
    ([name]) => used.has(name) && !known.has(name),
  )
  const exported = declared
    .filter(({ isExported }) => !isExported)
    .map(({ name, isType }) => (isType ? `type ${name}` : name))
  return [
    preamble.map(([, declaration]) => declaration).join('; '),
    code,
    `export { ${exported.join(', ')} }`,
    `export type Preamble = [${preamble.map(([name]) => `typeof ${name}`).join(', ')}]`,
    '',
  ].join('\n')
}

interface Declared {
  readonly name: string
  readonly isType: boolean
  readonly isExported: boolean
}

function declarationsOf(source: ts.SourceFile): readonly Declared[] {
  return source.statements.flatMap((statement) => {
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(isExport) === true
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
    return namesOf(statement).map((name) => ({ name, isType, isExported }))
  })
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name))
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return named && statement.name ? [statement.name.text] : []
}

function boundNames(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []))
}

function importsOf(source: ts.SourceFile): readonly string[] {
  return source.statements.filter(ts.isImportDeclaration).flatMap(({ importClause }) => {
    const { name, namedBindings } = importClause ?? {}
    const bindings =
      namedBindings && (ts.isNamedImports(namedBindings) ? namedBindings.elements : [namedBindings])
    return [...(name ? [name.text] : []), ...(bindings ?? []).map((binding) => binding.name.text)]
  })
}

function frameworkOf(source: ts.SourceFile): Readonly<Record<string, string>> {
  const specifiers = source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : ''))
  return FRAMEWORKS[specifiers.find((specifier) => Object.hasOwn(FRAMEWORKS, specifier)) ?? ''] ?? {}
}

function isExport(modifier: ts.Modifier): boolean {
  return modifier.kind === ts.SyntaxKind.ExportKeyword
}
