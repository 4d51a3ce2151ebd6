import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A bug to plant: a change of one file below `packages/core/src`, and the target that must find it. */
interface Plant {
  readonly name: string
  readonly target: string
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Plants a bug in a copy of the core, or each in turn for `all`, and has it looked for; gives the exit code. */
export function findPlants(name: string, minutes: number): number {
  const plants = JSON.parse(readFileSync('test/fuzz/plants.json', 'utf8')) as readonly Plant[]
  const chosen = plants.filter((plant) => name === 'all' || plant.name === name)
  if (chosen.length === 0) {
    process.stderr.write(
      `fuzz: --plant takes all or one of ${plants.map((plant) => plant.name).join(', ')}\n`,
    )
    return 2
  }
  const missed = chosen.filter((plant) => !isFound(plant, minutes))
  process.stdout.write(`${chosen.length} planted, ${chosen.length - missed.length} found\n`)
  return missed.length === 0 ? 0 : 1
}

function isFound({ name, target, file, from, to }: Plant, minutes: number): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'fuzz-plant-'))
  try {
    for (const path of [
      'packages/core/package.json',
      'packages/core/src',
      'test/fuzz',
      'test/stress/src',
      'test/conformance/support',
      'scripts/conditions.mjs',
    ])
      cpSync(path, join(copy, path), {
        recursive: true,
        filter: (source) => !source.endsWith('node_modules'),
      })
    for (const path of ['node_modules', 'packages/core/node_modules'])
      symlinkSync(resolve(path), join(copy, path))
    const path = join(copy, 'packages/core/src', file)
    const text = readFileSync(path, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} does not hold, once: ${from}`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
    const start = performance.now()
    const args = ['test/fuzz/main.mjs', '--first', '--target', target, '--minutes', String(minutes)]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
    if (status !== 0 && status !== 1) throw new Error(`the fuzzer could not be run: ${stderr}`)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    const [problem = ''] = stdout.split('\n').filter((line) => line.startsWith(`${target}: `))
    process.stdout.write(`${status === 1 ? 'found' : 'NOT FOUND'} in ${seconds} s | ${name} | ${problem}\n`)
    return status === 1
  } finally {
    rmSync(copy, { recursive: true })
  }
}
