import { koaJwtPair } from './pairs/koa-jwt.js'
import { testPage } from './support/test-page.js'

testPage(koaJwtPair)
