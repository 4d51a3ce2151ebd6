import type { Server } from 'node:http'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { hasRole, hasScope } from '@require-jwt/express'
import { createTestIssuer } from '@require-jwt/testing'
import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Public, Requires, useAuth } from './auth.js'

@Controller('silent')
class SilentController {
  @Get()
  silent(): string {
    return 'ran'
  }

  @Get('public')
  @Public()
  open(): string {
    return 'ran'
  }
}

@Controller('public')
@Public()
class PublicController {
  @Get()
  open(): string {
    return 'ran'
  }

  @Get('closed')
  @Requires(hasScope('a'))
  closed(): string {
    return 'ran'
  }
}

@Controller('admin')
@Requires(hasRole('admin'))
class AdminController {
  @Get()
  admin(): string {
    return 'ran'
  }

  @Get('scope')
  @Requires(hasScope('a'))
  scope(): string {
    return 'ran'
  }

  @Get('public')
  @Public()
  confused(): string {
    return 'ran'
  }
}

@Module({ controllers: [SilentController, PublicController, AdminController] })
class TestModule {}

const issuer = await createTestIssuer({ audience: 'https://orders.example' })
const TOKENS = {
  'no token': {},
  'a bad token': { authorization: `Bearer ${await issuer.faultyToken('foreignKey')}` },
  'a token': await issuer.headers(),
  'the scope': await issuer.headers({ scope: 'a' }),
  'the role': await issuer.headers({ roles: ['admin'] }),
  'scope and role': await issuer.headers({ scope: 'a', roles: ['admin'] }),
}

let nest: NestExpressApplication
let app: Server
beforeAll(async () => {
  nest = await NestFactory.create<NestExpressApplication>(TestModule, { logger: ['warn', 'error'] })
  useAuth(nest, issuer.options)
  await nest.init()
  app = nest.getHttpServer()
})
afterAll(() => nest.close())

test.each([
  ['a route that says nothing demands a token', '/silent', [401, 401, 200, 200, 200, 200]],
  ['@Public() opens it, but not to a bad token', '/silent/public', [200, 401, 200, 200, 200, 200]],
  ['@Public() on a controller opens its routes', '/public', [200, 401, 200, 200, 200, 200]],
  ['but not those that demand a right', '/public/closed', [401, 401, 403, 200, 403, 200]],
  ['@Requires on a controller holds for its routes', '/admin', [401, 401, 403, 403, 200, 200]],
  ['also for those that demand more', '/admin/scope', [401, 401, 403, 403, 403, 200]],
  ['and for those that somebody made @Public()', '/admin/public', [401, 401, 403, 403, 200, 200]],
])('%s: %s', async (_, path, statuses) => {
  const answers = await Promise.all(
    Object.values(TOKENS).map((headers) => request(app).get(path).set(headers)),
  )
  expect(answers.map(({ status }) => status)).toEqual(statuses)
  expect(answers.filter(({ text }) => text === 'ran')).toHaveLength(
    statuses.filter((status) => status === 200).length,
  )
})
