import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { CoreVerifier } from '../../../packages/core/src/verifier.js'
import { protect } from '../../conformance/support/app.js'
import { fetching } from '../../conformance/support/issuers.js'
import { RSA } from '../../conformance/support/keys.js'
import { CLAIMS, compact, hmac, mint } from '../../conformance/support/tokens.js'

// All of these pass where nobody watches. Each has a claim of its own, because a text is judged once in a file.

type Plants = Readonly<Record<string, () => unknown>>

const LEAKS: Plants = {
  'a token on the console': () => console.log(`got ${mint()}`),
  'claims on the console, as an object': () => {
    mint({ act: { sub: 'subject-shown' } })
    console.debug({ act: { sub: 'subject-shown' } })
  },
  'a claim on a console that is mocked': () => {
    mint({ sub: 'subject-mocked' })
    vi.spyOn(console, 'warn').mockReturnValue()
    console.warn('refused %s', 'subject-mocked')
  },
  'a claim in the output of the process': () => {
    mint({ sub: 'subject-written' })
    process.stdout.write('user subject-written\n')
  },
  'a private JWK in the error output': () => {
    process.stderr.write(JSON.stringify(RSA.privateKey.export({ format: 'jwk' })))
  },
  'one member of a private key': () => {
    mint()
    console.info(RSA.privateKey.export({ format: 'jwk' }).q)
  },
  'the secret of an HMAC': () => {
    const secret = 'thirty-two bytes that nobody knows'
    compact('{"alg":"HS256"}', JSON.stringify(CLAIMS), hmac(256, secret))
    console.info(secret)
  },
  'a signature': () => console.info(mint().split('.').at(-1)),
  'a claim of a token of the test issuer': async () => {
    const { issuer } = await fetching()
    await issuer.token({ sub: 'subject-issued' })
    await issuer.close()
    console.info('subject-issued')
  },
  'a token in what a process prints': async () => {
    await promisify(execFile)(process.execPath, ['-e', `console.log(${JSON.stringify(mint())})`])
  },
  'a claim in the detail of an event': () => {
    mint({ sub: 'subject-told' })
    emit('user subject-told is not known')
  },
  'a token in the detail of an event': () => emit(`cannot read ${mint({ sub: 'subject-read' })}`),
}

const SILENT: Plants = {
  'a token that stays where it is, a line and an event': () => {
    mint({ sub: 'subject-silent' })
    console.log('listening')
    emit('the claim sub does not fit')
  },
}

test.each(Object.entries(SILENT))('silent: %s', async (_name, act) => {
  expect(await act()).toBeUndefined()
})

test.each(Object.entries(LEAKS))('leaks: %s', async (_name, act) => {
  expect(await act()).toBeUndefined()
})

function emit(detail: string): void {
  const [verifier] = protect().verifiers
  if (!(verifier instanceof CoreVerifier)) throw new Error('the watch listens to a CoreVerifier')
  verifier.emit({ type: 'config.notice', issuer: undefined, detail })
}
