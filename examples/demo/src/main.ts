import { HELP, readArguments } from './arguments.js'
import { serve } from './serve.js'
import { drawTable } from './table.js'
import { tellStory } from './tell.js'

process.exitCode = await run(process.argv.slice(2))

async function run(args: readonly string[]): Promise<number> {
  const command = readArguments(args)
  switch (command.kind) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'mistake':
      process.stderr.write(`demo: ${command.message}\n\n${HELP}`)
      return 2
    case 'serve':
      await serve((text) => process.stdout.write(text))
      return 0
    case 'story': {
      const rows = await tellStory(command)
      const text = command.json ? JSON.stringify(rows, undefined, 2) : drawTable(rows)
      process.stdout.write(`${text}\n`)
      return rows.every((row) => row.asTold) ? 0 : 1
    }
  }
}
