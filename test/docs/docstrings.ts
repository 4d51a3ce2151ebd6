import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript5'
import { type Block, repositoryFiles } from './blocks.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCE = /^packages\/[^/]+\/src\/(?:.*\/)?[^/.]+\.ts$/
const EXAMPLE = /^ *\* @example\n((?: *\*(?! @|\/).*\n)+)/gm

/** Reads the examples in the docstrings of the packages, each with the imports that a reader would add. */
export function docstringBlocks(): readonly Block[] {
  const origins = new Map(['core', 'express', 'testing'].flatMap(namesOf))
  return repositoryFiles('*.ts', SOURCE).flatMap((document) => {
    const text = readFileSync(join(ROOT, document), 'utf8')
    return [...text.matchAll(EXAMPLE)].map(({ 1: lines = '', index }) => {
      const code = lines.replaceAll(/^ *\* ?/gm, '').trimEnd()
      const line = text.slice(0, index).split('\n').length + 1
      return { document, line, language: 'ts', flags: [], code: `${importsFor(code, origins)} ${code}` }
    })
  })
}

/** On the line of the code, so that a complaint names the line of the source. */
function importsFor(code: string, origins: ReadonlyMap<string, string>): string {
  const used = new Set(code.match(/(?<!\.)\b[A-Za-z]\w*/g))
  return [...used]
    .flatMap((name) => {
      const origin = origins.get(name)
      return origin === undefined ? [] : [`import { ${name} } from '${origin}';`]
    })
    .join(' ')
}

/** The values that a package exports by name, and where from. */
function namesOf(folder: string): readonly (readonly [name: string, origin: string])[] {
  const index = readFileSync(join(ROOT, 'packages', folder, 'src/index.ts'), 'utf8')
  return ts
    .createSourceFile('index.ts', index, ts.ScriptTarget.Latest)
    .statements.filter(ts.isExportDeclaration)
    .flatMap(({ exportClause, isTypeOnly }) =>
      exportClause && ts.isNamedExports(exportClause) && !isTypeOnly ? exportClause.elements : [],
    )
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ name }) => [name.text, `@require-jwt/${folder}`] as const)
}
