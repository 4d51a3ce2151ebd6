import { HUGE, type Fault } from '../fault.js'
import { FaultyIssuer } from '../issuer.js'
import { makeKey } from '../keys.js'
import { counted } from '../stage.js'
import type { Row } from './row.js'

/** Half of what is sent: far beyond what sockets hold by themselves. */
const READ_AT_MOST = HUGE / 2

/** Documents that must not take the place of good keys. */
export const documents: readonly Row[] = [
  large('30 MiB with `Content-Length`', { kind: 'huge', declared: true }),
  large('30 MiB without `Content-Length`', { kind: 'huge', declared: false }),
  refused('30 MiB packed by gzip into 30 KiB', { kind: 'bomb' }),
  refused('`{"keys":[]}`', { kind: 'body', body: '{"keys":[]}' }),
  refused('`{"keys":{}}`', { kind: 'body', body: '{"keys":{}}' }),
  refused('HTML with status 200', { kind: 'html' }),
  refused('302 to a good set on the same origin', { kind: 'redirect', to: '/elsewhere' }),
  {
    fault: '302 to another server',
    must: 'that server is not asked; the good keys stay',
    async run(stage) {
      const other = await FaultyIssuer.listen()
      try {
        const { subject, key } = await stage.startWarm()
        other.publish(key)
        stage.issuer.faults.jwks = { kind: 'redirect', to: other.jwksUri }
        stage.jump(10)
        await stage.wave('the 20', subject, await stage.tokens(key, 20), { accepted: 20, waits: 0 })
        stage.note('the other server', counted(other.fetches(), 'request'), other.fetches() === 0)
      } finally {
        await other.close()
      }
    },
  },
  mixed('one malformed key among good ones', () => [
    { kty: 'EC', crv: 'P-256', kid: 7, x: makeKey().jwk.x, y: makeKey().jwk.y },
  ]),
  mixed('unusable keys among good ones', () => {
    const { x, y } = makeKey().jwk
    return [
      { kty: 'EC', crv: 'P-256', kid: 'no-point' },
      { kty: 'RSA', kid: 'no-exponent', n: 'AQAB' },
      { kty: 'AKP', kid: 'unknown-type', alg: 'ML-DSA-44', pub: 'AAAA' },
      { kty: 'EC', crv: 'P-256', kid: 'for-encryption', use: 'enc', x, y },
    ]
  }),
  mixed('members that are no keys among good ones', () => [null, 'key', 7]),
]

/** A document that comes in the place of good keys, when they are due. */
function refused(fault: string, strike: Fault): Row {
  return {
    fault,
    must: 'refused; the good keys stay',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      const next = makeKey()
      stage.issuer.publish(key, next)
      stage.issuer.faults.jwks = strike
      stage.jump(10)
      const expected = { accepted: 20, waits: 0, computes: true }
      await stage.wave('the 20', subject, await stage.tokens(key, 20), expected)
      // Whoever took the document for a key set knows this one.
      await stage.wave('a key of that document', subject, await stage.tokens(next, 1), { accepted: 0 })
      await stage.wave('the good key', subject, await stage.tokens(key, 1), { accepted: 1 })
    },
  }
}

function large(fault: string, strike: Fault): Row {
  return {
    fault,
    must: 'read no further than the limit; the good keys stay',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.faults.jwks = strike
      stage.jump(10)
      const before = stage.issuer.sentBytes()
      const expected = { accepted: 20, waits: 0, computes: true }
      await stage.wave('the 20', subject, await stage.tokens(key, 20), expected)
      await stage.quiet()
      const read = stage.issuer.sentBytes() - before
      stage.note('read', ...howMuch(read))
    },
  }
}

/** Says how much of a large document was read: in words, since it is not the same twice. */
export function howMuch(read: number): readonly [seen: string, holds: boolean] {
  if (read < READ_AT_MOST) return ['no further than the buffers of the sockets', true]
  return [`${Math.round(read / 2 ** 20)} MiB`, false]
}

/** A set in which a good key is the last of several. */
function mixed(fault: string, bad: () => readonly unknown[]): Row {
  return {
    fault,
    must: 'the good ones work',
    async run(stage) {
      const key = makeKey()
      stage.issuer.keys = [...bad(), key.jwk]
      const subject = await stage.start()
      await stage.wave('the 20', subject, await stage.tokens(key, 20), { accepted: 20 })
    },
  }
}
