import { expressOauth2JwtBearerPair } from './pairs/express-oauth2-jwt-bearer.js'
import { testPage } from './support/test-page.js'

testPage(expressOauth2JwtBearerPair)
