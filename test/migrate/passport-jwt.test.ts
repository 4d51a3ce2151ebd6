import { passportJwtPair } from './pairs/passport-jwt.js'
import { testPage } from './support/test-page.js'

testPage(passportJwtPair)
