import { protect, type App } from '../support/app.js'
import { bearer, eventsOf, granted, refusal, type Case, type Expected, type Row } from '../support/table.js'
import { base64url, CLAIMS, mint, NOW } from '../support/tokens.js'

/** What happens between two requests, of which the first was accepted. */
interface Sequel {
  readonly app: App
  readonly first: string
  /** Default: the first again. */
  readonly second?: string
  readonly meanwhile?: () => unknown
}

/** Section "The signature memo". What a stranger may try stands among the attacks. */
export const memo: readonly Row[] = [
  {
    rules: ['MEMO-01'],
    about: 'a token that was accepted is refused as soon as something else has changed',
    refuses: [
      sequel('when it ran out', refusal('token_expired'), () => aging(700)),
      sequel('when the clock was set back before its nbf', refusal('token_not_yet_valid'), () =>
        aging(-60, { nbf: NOW }),
      ),
      sequel('when its key was revoked', refusal('key_unknown'), revoking),
      sequel('when other claims have its signature', refusal('signature_invalid'), forging),
      sequel('when its verifier was closed', refusal('keys_unavailable'), closing),
    ],
    accepts: [
      sequel('when it is the same', granted(), () => ({ app: protect(), first: mint() }), true),
      sequel('when time passed, but not enough', granted(), () => aging(200), true),
      sequel('when another one comes', granted({ subject: 'user-2' }), another, false),
      sequel('when nothing is to be remembered', granted(), forgetful, false),
    ],
  },
]

/** `isRemembered`: what the event must say of the second request, if it is to say something. */
function sequel(name: string, expected: Expected, make: () => Sequel, isRemembered?: boolean): Case {
  return {
    name,
    expected,
    scene: async () => {
      const { app, first, second = first, meanwhile } = make()
      for (const verifier of app.verifiers) await verifier.verify(first)
      await meanwhile?.()
      const memos = (): readonly boolean[] => eventsOf(app, 'authenticated').map((event) => event.memo)
      const told = isRemembered === undefined ? [] : [isRemembered]
      return { app, sent: bearer(second), also: [memos, told] }
    },
  }
}

function aging(seconds: number, claims: Readonly<Record<string, unknown>> = {}): Sequel {
  let now = NOW
  return {
    app: protect({ now: () => now * 1000 }),
    first: mint(claims),
    meanwhile: () => (now += seconds),
  }
}

let issuers = 0

// What is revoked stays so until the process ends: an issuer of its own.
function revoking(): Sequel {
  issuers += 1
  const issuer = `https://memo-${issuers}.example`
  const app = protect({ issuer })
  return {
    app,
    first: mint({ iss: issuer }),
    meanwhile: () => app.verifiers.forEach((verifier) => verifier.revokeKey({ issuer, kid: 'rsa' })),
  }
}

function forging(): Sequel {
  const first = mint()
  const [header, , signature] = first.split('.')
  const claims = base64url(JSON.stringify({ ...CLAIMS, sub: 'admin' }))
  return { app: protect(), first, second: `${header}.${claims}.${signature}` }
}

function closing(): Sequel {
  const app = protect()
  return {
    app,
    first: mint(),
    meanwhile: () => Promise.all(app.verifiers.map(async (verifier) => verifier.close())),
  }
}

function another(): Sequel {
  return { app: protect(), first: mint(), second: mint({ sub: 'user-2' }) }
}

function forgetful(): Sequel {
  return { app: protect({ signatureMemo: false }), first: mint() }
}
