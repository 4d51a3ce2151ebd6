import { writeFileSync } from 'node:fs'
import { HELP, readArguments } from './arguments.js'
import { checksOf } from './checks.js'
import { drawReport } from './draw-report.js'
import { run } from './run.js'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const command = readArguments(args)
  switch (command.kind) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'mistake':
      process.stderr.write(`stress: ${command.message}\n\n${HELP}`)
      return 2
    case 'run': {
      const figures = await run(command.options)
      const checks = checksOf(figures)
      process.stdout.write(drawReport(figures, checks))
      const { json } = command.options
      if (json !== undefined) writeFileSync(json, `${JSON.stringify({ checks, ...figures }, undefined, 2)}\n`)
      return checks.every(({ passed }) => passed) ? 0 : 1
    }
  }
}
