import { join } from 'node:path'
import ts from 'typescript5'
import { beforeAll, describe, expect, test } from 'vitest'
import { packageFolders, ROOT } from './repository.js'

const SENTENCE = /^\S[^]*?[.:?](?:\s|$)/
// In the name of the option or in its words: what a number counts.
const UNIT =
  /(?:Ms|Bytes|Entries|Seconds)$|\b(?:seconds?|milliseconds?|bytes|entries|characters|NumericDate)\b/i

const entries = packageFolders('packages').map((name) => ({ name, index: `packages/${name}/src/index.ts` }))

// The compiler's own API knows what a name refers to. TypeScript 7 has none, hence the older one here.
let program: ts.Program
let checker: ts.TypeChecker

beforeAll(() => {
  program = ts.createProgram(
    entries.map(({ index }) => join(ROOT, index)),
    {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      customConditions: ['@require-jwt/source'],
      strict: true,
      skipLibCheck: true,
      types: ['node'],
    },
  )
  checker = program.getTypeChecker()
}, 60_000)

describe.each(entries)('$name', ({ index }) => {
  test('every exported name has a docstring with a first sentence', () => {
    const undocumented = exportsOf(index)
      .filter((symbol) => !SENTENCE.test(docOf(symbol)))
      .map((symbol) => symbol.name)
    expect(undocumented).toEqual([])
  })

  test('every option says what it is, its default, and what its number counts', () => {
    const wrong = exportsOf(index)
      .filter((symbol) => symbol.name.endsWith('Options'))
      .flatMap(optionsOf)
      .flatMap((option) => faultsOf(option).map((fault) => `${nameOf(option)}: ${fault}`))
    expect([...new Set(wrong)]).toEqual([])
  })
})

test('the checks read the packages: exported names and options are found', () => {
  const names = exportsOf('packages/core/src/index.ts')
  expect(names.map(({ name }) => name)).toEqual(expect.arrayContaining(['createVerifier', 'VerifierOptions']))
  const options = names.filter(({ name }) => name === 'VerifierOptions').flatMap(optionsOf)
  expect(options.map(nameOf)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/\.audience$/),
      expect.stringMatching(/\.clockTolerance$/),
    ]),
  )
})

function exportsOf(index: string): readonly ts.Symbol[] {
  const source = program.getSourceFile(join(ROOT, index))
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) return [] // a package that exports nothing is no module to the compiler
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
}

function docOf(symbol: ts.Symbol | undefined): string {
  return ts.displayPartsToString(symbol?.getDocumentationComment(checker)).trim()
}

/** The properties of an options type, and those of the options inside it. Ours only, not the platform's. */
function optionsOf(symbol: ts.Symbol): readonly ts.PropertySignature[] {
  const found = new Set<ts.PropertySignature>()
  for (const declaration of symbol.declarations ?? []) collect(checker.getTypeAtLocation(declaration), found)
  return [...found]
}

function collect(type: ts.Type, found: Set<ts.PropertySignature>): void {
  if (type.isUnionOrIntersection()) return type.types.forEach((member) => collect(member, found))
  for (const property of type.getProperties())
    for (const declaration of property.declarations ?? []) {
      if (!ts.isPropertySignature(declaration) || found.has(declaration) || !isOption(declaration)) continue
      found.add(declaration)
      const inner = checker.getTypeAtLocation(declaration)
      for (const member of inner.isUnion() ? inner.types : [inner])
        if (isOptionsType(member)) collect(member, found)
    }
}

/** `never` marks what excludes another option; what an object in place demands, its owner describes. */
function isOption(declaration: ts.PropertySignature): boolean {
  const isPart = ts.findAncestor(declaration.parent, ts.isPropertySignature) !== undefined
  if (isPart && !declaration.questionToken) return false
  return isOurs(declaration) && declaration.type?.kind !== ts.SyntaxKind.NeverKeyword
}

/** An object written in place, or a type that is called options. */
function isOptionsType(type: ts.Type): boolean {
  const name = type.aliasSymbol?.name ?? type.symbol?.name
  return name === '__type' || (name ?? '').endsWith('Options')
}

function isOurs(declaration: ts.Declaration): boolean {
  const { fileName } = declaration.getSourceFile()
  return fileName.startsWith(join(ROOT, 'packages')) && !fileName.includes('/node_modules/')
}

function nameOf({ parent, name }: ts.PropertySignature): string {
  const owner = ts.isInterfaceDeclaration(parent) ? parent.name.text : '{}'
  return `${owner}.${name.getText()}`
}

function faultsOf(option: ts.PropertySignature): readonly string[] {
  const doc = docOf(checker.getSymbolAtLocation(option.name))
  if (!SENTENCE.test(doc)) return ['has no docstring with a first sentence']
  const faults: string[] = []
  if (option.questionToken && !/\bdefaults?\b/i.test(doc)) faults.push('does not state its default')
  if (isNumber(option) && !UNIT.test(option.name.getText()) && !UNIT.test(doc))
    faults.push('does not state its unit')
  return faults
}

function isNumber(option: ts.PropertySignature): boolean {
  const type = checker.getNonNullableType(checker.getTypeAtLocation(option))
  return (type.flags & ts.TypeFlags.NumberLike) !== 0
}
