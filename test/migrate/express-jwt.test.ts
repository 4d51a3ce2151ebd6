import { expressJwtPair } from './pairs/express-jwt.js'
import { testPage } from './support/test-page.js'

testPage(expressJwtPair)
