import { fileURLToPath } from 'node:url'
import ts from 'typescript5'

// Never written: the compiler is told what stands in it, in this folder, where the libraries are installed.
const FILE = fileURLToPath(new URL('../option-names.virtual.ts', import.meta.url))

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
}

/**
 * Asks the compiler for the names of the properties of types, each given as an expression; of a union, those of
 * every member.
 */
export function namesOf(types: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const text = types.map((type, index) => `export type T${index} = ${type}`).join('\n')
  const program = ts.createProgram([FILE], OPTIONS, hostWith(text))
  const source = program.getSourceFile(FILE)
  if (!source) throw new Error('the compiler did not read the file')
  const [mistake] = program.getSemanticDiagnostics(source)
  if (mistake) throw new Error(ts.flattenDiagnosticMessageText(mistake.messageText, '\n'))
  const checker = program.getTypeChecker()
  const aliases = source.statements.filter(ts.isTypeAliasDeclaration)
  return new Map(
    types.map((type, index) => {
      const alias = aliases[index]
      if (!alias) throw new Error(`no type: ${type}`)
      return [type, propertiesOf(checker, checker.getTypeAtLocation(alias.name))]
    }),
  )
}

function propertiesOf(checker: ts.TypeChecker, type: ts.Type): readonly string[] {
  if (type.isUnion()) return [...new Set(type.types.flatMap((member) => propertiesOf(checker, member)))]
  return checker.getPropertiesOfType(type).map(({ name }) => name)
}

function hostWith(text: string): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS)
  return {
    ...host,
    fileExists: (name) => name === FILE || host.fileExists(name),
    readFile: (name) => (name === FILE ? text : host.readFile(name)),
    getSourceFile: (name, language) =>
      name === FILE ? ts.createSourceFile(name, text, language) : host.getSourceFile(name, language),
  }
}
