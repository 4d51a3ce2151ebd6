import { afterAll, afterEach, expect, vi } from 'vitest'
import type { AuthEvent } from '../../packages/core/src/events.js'
import type { CoreVerifier, Rejection } from '../../packages/core/src/verifier.js'
import { withoutExceptions } from './exceptions.js'
import { learnTokens } from './learn-tokens.js'
import { overhear } from './overhear.js'
import { mockedOutput, overhearOutput } from './overhear-output.js'
import { Secrets } from './secrets.js'
import { stringsIn } from './texts.js'

// Runs before every test file: what the file mints, or a library for it, shows up neither in the output nor in an
// event of a verifier.

const secrets = new Secrets()
/** Each text once, and where it was told. */
const heard = new Map<string, string>()
const news = new Map<string, string>()

function hear(where: string, text: string): void {
  if (heard.has(text)) return
  heard.set(text, where)
  news.set(text, where)
}

const hearOutput = (text: string): void => hear('the output', text)

/** What an operator reads of the options is no secret: test/attacks checks that an issuer is one of them. */
const OF_THE_OPTIONS = /the configured issuer \S+/

function hearDetail(where: string, text: string): void {
  hear(where, text.replace(OF_THE_OPTIONS, ''))
}

function hearEvent(event: AuthEvent): void {
  const told = { ...event, issuer: undefined, code: undefined }
  for (const text of stringsIn(told)) hearDetail(`an event ${event.type}`, text)
}

function check(texts: ReadonlyMap<string, string>): void {
  mockedOutput().forEach(hearOutput)
  if (texts.size === 0) return
  const { testPath = '' } = expect.getState()
  const leaks = [...texts].flatMap(([text, where]) =>
    secrets.findIn(withoutExceptions(testPath, text)).map((what) => `${where} tells ${what}`),
  )
  news.clear()
  if (leaks.length > 0) throw new Error(`Leak watch: ${[...new Set(leaks)].join('; ')}`)
}

learnTokens(secrets)
overhearOutput(hearOutput)

// Where a file wants verifiers, and not before: most of the unit tests want none.
vi.mock('../../packages/core/src/verifier.js', async (original) => {
  const module = await original<{ readonly CoreVerifier: typeof CoreVerifier }>()
  overhear(module.CoreVerifier.prototype, 'emit', ([event]) => hearEvent(event as AuthEvent))
  // Also where nobody listens: then no event is made of it.
  overhear(module.CoreVerifier.prototype, 'report', ([rejection]) => {
    const { detail } = (rejection as Rejection).refusal
    if (detail !== undefined) hearDetail('a refusal', detail)
  })
  return module
})

afterEach(() => check(news))
// Once more: a claim may have been told before its token was minted, or something after the last test.
afterAll(() => check(heard))
