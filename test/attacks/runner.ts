import { ConfigError, createVerifier, type VerifierOptions } from '@require-jwt/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Adapter } from '../conformance/adapters/adapter.js'
import { createStand, type Stand } from '../conformance/stand.js'
import type { Answer, Sent } from '../conformance/support/http.js'
import { STRANGER } from '../conformance/support/keys.js'
import { authorization, bearer, type Case, type Expected, type Scene } from '../conformance/support/table.js'
import { mint, NOW } from '../conformance/support/tokens.js'
import { overhearOutput } from '../leaks/overhear-output.js'
import { ATTACKS } from './classes/index.js'
import { elsewhere, ELSEWHERE } from './support/elsewhere.js'
import { secretsOf } from './support/secrets.js'
import { foreignCalls, strayFetch } from './support/target.js'

/** The longest that an answer may take, in milliseconds. */
const TIME_LIMIT_MS = 500

const other = elsewhere()

const EXPIRED = bearer(mint({ ...ELSEWHERE, exp: NOW - 60 }, {}, STRANGER))
const OPAQUE = bearer('opaque')

/** Fires every attack at an adapter. */
export function runAttacks(adapter: Adapter): void {
  describe.each([adapter])('$name', () => {
    const stand = createStand(adapter, 'plain')
    const output: string[] = []
    overhearOutput((text) => void output.push(text))
    beforeAll(() => void vi.stubGlobal('fetch', strayFetch))
    beforeEach(() => void output.splice(0))
    afterAll(async () => {
      vi.unstubAllGlobals()
      await stand.close()
    })

    for (const { name: attack, about, refuses, accepts } of ATTACKS) {
      describe(`${attack}: ${about}`, () => {
        test.each(refuses)('refuses $name', async (example) => {
          const { expected } = example
          expect(expected.status).toBeGreaterThanOrEqual(400)
          expect(expected.ran).toBe(false)
          const { scene, answers } = await play(stand, example)
          // What a scene brings along to compare with has been compared, and is another app as well.
          expect(scene.sameAs?.app).not.toBe(scene.app)
          const plain = scene.sameAs ? undefined : plainRequest(expected)
          const twins = plain ? [await stand.send(other, { ...plain, method: scene.sent.method })] : answers
          expect(new Set(answers.map(({ bytes }) => bytes))).toEqual(new Set(twins.map(({ bytes }) => bytes)))
          checkSilence(scene, answers, output)
        })
        test.each(accepts)('accepts $name', async (example) => {
          expect(example.expected.status).toBe(200)
          const { scene } = await play(stand, example)
          checkSilence(scene, [], output)
        })
      })
    }
  })
}

/** Tries every option that would open the door: no framework has a part in it. */
export function runSetUps(): void {
  for (const { name: attack, about, setUps } of ATTACKS) {
    if (setUps === undefined) continue
    describe(`${attack}: ${about}`, () => {
      test.each(setUps)('refuses to start with $name', ({ options, option }) => {
        const make = (): unknown => createVerifier(options as unknown as VerifierOptions)
        expect(make).toThrow(ConfigError)
        expect(make).toThrow(option)
      })
    })
  }
}

interface Played {
  readonly scene: Scene
  readonly answers: readonly Answer[]
}

/** Plays a case; again where it was slow, because a busy machine is slow now and then and slow code always. */
async function play(stand: Stand, example: Case, attempts = 3): Promise<Played> {
  const { durationMs, ...played } = await playOnce(stand, example)
  if (durationMs > TIME_LIMIT_MS && attempts > 1) return play(stand, example, attempts - 1)
  expect(durationMs).toBeLessThanOrEqual(TIME_LIMIT_MS)
  return played
}

async function playOnce(
  stand: Stand,
  { scene: make, expected }: Case,
): Promise<Played & { readonly durationMs: number }> {
  const scene = await make()
  const start = performance.now()
  const answers = await stand.run(() => scene, expected)
  return { scene, answers, durationMs: performance.now() - start }
}

/** Gives a request that has nothing to hide and the same error on the wire; a 403 or 503 says more than the error. */
function plainRequest({ status, code }: Expected): Sent | undefined {
  if (status === 400) return authorization('Bearer')
  if (status !== 401) return undefined
  if (code === 'token_missing') return {}
  return code === 'token_expired' ? EXPIRED : OPAQUE
}

function checkSilence({ app, sent }: Scene, answers: readonly Answer[], output: readonly string[]): void {
  expect(foreignCalls()).toEqual([])
  expect(output).toEqual([])
  const told = JSON.stringify(app.events) + answers.map(({ bytes }) => bytes).join('')
  // An event names the issuer that the options name.
  const issuers = app.verifiers.flatMap((verifier) => {
    const { sources, tenants } = verifier.status()
    return [...sources, ...tenants].map(({ issuer }) => issuer)
  })
  const secrets = secretsOf(sent).filter((secret) => !issuers.some((issuer) => issuer.includes(secret)))
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
}
