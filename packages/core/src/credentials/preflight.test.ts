import { describe, expect, test } from 'vitest'
import { viewOf } from '../tokens.test-support.js'
import { isPreflight } from './preflight.js'

const PREFLIGHT = { origin: 'https://app.example', 'access-control-request-method': 'PUT' }

describe('isPreflight', () => {
  test('recognises OPTIONS with Origin and Access-Control-Request-Method', () => {
    expect(isPreflight(viewOf(PREFLIGHT, { method: 'OPTIONS' }))).toBe(true)
  })

  test.each(['GET', 'POST', 'options', ''])('takes no %j for one', (method) => {
    expect(isPreflight(viewOf(PREFLIGHT, { method }))).toBe(false)
  })

  test.each(['origin', 'access-control-request-method'])('takes no request without %s for one', (missing) => {
    expect(isPreflight(viewOf({ ...PREFLIGHT, [missing]: [] }, { method: 'OPTIONS' }))).toBe(false)
  })

  test('takes no request with credentials for one', () => {
    const view = viewOf({ ...PREFLIGHT, authorization: 'Bearer abc' }, { method: 'OPTIONS' })
    expect(isPreflight(view)).toBe(false)
  })
})
