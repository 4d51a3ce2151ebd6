import { ConfigError, createVerifier, type VerifierOptions } from '@require-jwt/core'
import * as api from '@require-jwt/express'
import { describe, expect, test } from 'vitest'
import { TRUST } from './support/app.js'
import { startUp, type StartUpCase } from './table/start-up.js'

describe.each(startUp)('$rules: $about', ({ refuses, accepts }) => {
  test.each(refuses)('refuses $name', (given) => {
    const error = thrownBy(() => start(given))
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toMatch(given.message ?? 'a refusal without a message in the table')
  })

  test.each(accepts)('accepts $name', (given) => {
    expect(thrownBy(() => start(given))).toBeUndefined()
  })

  const options = refuses.filter((given) => given.options)
  test.runIf(options.length > 0).each(options)('refuses $name, in the core as well', (given) => {
    expect(() => createVerifier(given.options as unknown as VerifierOptions)).toThrow(ConfigError)
  })
})

function start({ options = TRUST, response, guard }: StartUpCase): void {
  api.requireJwt(options as unknown as VerifierOptions, response)
  guard?.(api)
}

function thrownBy(act: () => void): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}
