import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { HELP, readArguments, type Kind, type RunOptions } from './arguments.js'
import { benchCore } from './core.js'
import { benchHttp } from './http.js'
import { benchMemory } from './memory.js'
import { benchOutage } from './outage.js'
import { writePages } from './page.js'
import { drawReport, type Report } from './report.js'
import { benchStart } from './start.js'

const DOCS = new URL('../../../docs/', import.meta.url)

type Bench = (options: RunOptions, tell: (line: string) => void) => Promise<Report>

const BENCHES: Readonly<Record<Kind, Bench>> = {
  core: benchCore,
  http: benchHttp,
  start: benchStart,
  memory: benchMemory,
  outage: benchOutage,
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const command = readArguments(args)
  switch (command.kind) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'mistake':
      process.stderr.write(`bench: ${command.message}\n\n${HELP}`)
      return 2
    case 'page': {
      const reports = command.files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report)
      for (const [name, content] of writePages(reports)) {
        const file = new URL(name, DOCS)
        mkdirSync(new URL('.', file), { recursive: true })
        writeFileSync(file, content)
      }
      return 0
    }
    case 'run': {
      const report = await BENCHES[command.what](command.options, tell)
      process.stdout.write(drawReport(report))
      const { json } = command.options
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
      return report.thrownOut.length === 0 ? 0 : 1
    }
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
