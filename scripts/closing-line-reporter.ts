import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run with one line that any reader understands: `N passed, N failed`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0
    let failed = errors.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'skipped') skipped += 1
        else failed += 1
      }
    }
    const line = `${passed} passed, ${failed} failed`
    process.stdout.write(`${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`)
  }
}
