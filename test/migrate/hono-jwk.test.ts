import { honoJwkPair } from './pairs/hono-jwk.js'
import { testPage } from './support/test-page.js'

testPage(honoJwkPair)
