import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { VerifierOptions } from '@require-jwt/express'
import { useAuth } from './auth.js'
import { HealthController } from './health.controller.js'
import { OrdersController } from './orders.controller.js'

@Module({ controllers: [HealthController, OrdersController] })
class AppModule {}

/** Makes the order API. What its tokens must be like is for the caller to say: production and tests differ in it. */
export async function createApp(options: VerifierOptions): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['warn', 'error'] })
  useAuth(app, options)
  return app
}
