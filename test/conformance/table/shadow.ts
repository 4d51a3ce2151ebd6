import { createApp, TRUST } from '../support/app.js'
import { STRANGER } from '../support/keys.js'
import { on, type Row } from '../support/table.js'
import { AUDIENCE, mint } from '../support/tokens.js'

const OURS = mint()
const THEIRS = mint({ aud: 'urn:present' })
const BOTH = mint({ aud: [AUDIENCE, 'urn:present'] })
const NEITHER = mint({}, {}, STRANGER)

// The present middleware is one of ours for another audience. Nobody listens: our verdict may come after the answer,
// and what it tells is tested beside each adapter.
const quiet = { observer: () => undefined }
const shadowed = on(
  createApp((verify) => {
    const present = verify({ ...TRUST, ...quiet, audience: 'urn:present' })
    const next = verify({ ...TRUST, ...quiet })
    return { steps: ({ requireJwt, shadow }) => [shadow(next, { compareWith: requireJwt(present) })] }
  }),
)

const UNTOLD = { code: undefined }
const UNHEARD = { authenticated: 0 }

/** Section "Guards and passes": our verdict beside that of another middleware. */
export const shadow: readonly Row[] = [
  {
    rules: ['SHADOW-01'],
    about: 'shadow leaves every verdict to the present middleware',
    refuses: [
      shadowed.refuse('what the present one refuses and we accept', OURS, 'audience_mismatch', UNTOLD),
      shadowed.refuse('what both refuse', NEITHER, 'audience_mismatch', UNTOLD),
      shadowed.refuse('a request without a token', {}, 'token_missing', UNTOLD),
    ],
    accepts: [
      shadowed.accept('what both accept', BOTH, { subject: 'user-1' }, UNHEARD),
      shadowed.accept('what the present one accepts and we refuse', THEIRS, { subject: 'user-1' }, UNHEARD),
    ],
  },
]
