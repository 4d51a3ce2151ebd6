import { describe, expect, test } from 'vitest'
import { packageFolders, readManifest, readText, repositoryFiles } from './repository.js'

const versions: ReadonlyMap<string, string> = new Map(
  packageFolders('packages').map((name) => {
    const manifest = readManifest(`packages/${name}`)
    return [manifest.name, manifest.version]
  }),
)

test('all packages carry one version, and go on to do so', () => {
  expect(new Set(versions.values()).size).toBe(1)
  const { fixed }: { readonly fixed: readonly string[][] } = JSON.parse(readText('.changeset/config.json'))
  expect(fixed.map((names) => names.toSorted())).toEqual([[...versions.keys()].toSorted()])
})

describe.each(packageFolders('examples'))('%s', (name) => {
  const folder = `examples/${name}`
  const files = repositoryFiles(new RegExp(`^${folder}/`))

  test('has a README and a test', () => {
    expect(files).toContain(`${folder}/README.md`)
    expect(files.filter((path) => path.endsWith('.test.ts'))).not.toHaveLength(0)
  })

  test('is executed: by the demo, or copied out by a test of the packages', () => {
    const { demo }: Readonly<Record<string, string>> = JSON.parse(readText('package.json')).scripts
    const packaging = repositoryFiles(/^test\/packaging\/[^/]+\.test\.ts$/).map(readText)
    const executed = [demo, ...packaging].some(
      (text) => text?.includes(`${folder}/`) || text?.includes(`'${name}'`),
    )
    expect(executed).toBe(true)
  })

  // An example is copied out: a range that means something only in this workspace would not install there.
  test('asks for plain versions, and for the packages in the version that stands here', () => {
    const { dependencies, devDependencies } = readManifest(folder)
    const ranges = Object.entries({ ...dependencies, ...devDependencies })
    expect(ranges.filter(([dependency]) => versions.has(dependency))).not.toHaveLength(0)
    expect(ranges.filter((entry) => !fits(...entry))).toEqual([])
  })
})

function fits(dependency: string, range: string): boolean {
  const version = versions.get(dependency)
  if (version === undefined) return /^[\^~]?\d+(?:\.\d+){0,2}$/.test(range)
  return [version, `^${version}`, `~${version}`].includes(range)
}
