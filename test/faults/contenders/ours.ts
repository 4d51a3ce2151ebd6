import { createVerifier, isAuthError, type Verifier } from '@require-jwt/core'
import * as forExpress from '@require-jwt/express'
import * as forHono from '@require-jwt/hono'
import * as forKoa from '@require-jwt/koa'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import type { RequestListener } from 'node:http'
import { overHttp, type Contender, type Setup, type Subject } from '../contender.js'

const OURS = {
  setup: 'no option beyond issuer, audience and `jwksUri`',
  discovery: true,
  ours: true,
} as const

/** The verifier alone, without HTTP. */
export const core: Contender = {
  ...OURS,
  name: 'require-jwt',
  packages: ['@require-jwt/core'],
  make: async (setup) => plain(verifierOf(setup)),
}

/** The verifier behind each adapter. */
export const adapters: readonly Contender[] = [
  {
    ...OURS,
    name: 'require-jwt on Express',
    packages: ['@require-jwt/express'],
    make: (setup) =>
      serve(setup, (verifier) =>
        express().get('/', forExpress.requireJwt(verifier), (_, res) => void res.json({})),
      ),
  },
  {
    ...OURS,
    name: 'require-jwt on Koa',
    packages: ['@require-jwt/koa'],
    make: (setup) =>
      serve(setup, (verifier) => {
        const app = new Koa().use(forKoa.requireJwt(verifier)).use((ctx) => {
          ctx.body = {}
        })
        return app.callback()
      }),
  },
  {
    ...OURS,
    name: 'require-jwt on Hono',
    packages: ['@require-jwt/hono'],
    make: (setup) =>
      serve(setup, (verifier) =>
        getRequestListener(new Hono().get('/', forHono.requireJwt(verifier), (c) => c.json({})).fetch),
      ),
  },
]

/** Makes the verifier of a setup: what the rows about our own options need. */
export function verifierOf({ issuer, jwksUri, audience, more }: Setup): Verifier {
  return createVerifier({ issuer, audience, ...(jwksUri !== undefined && { jwksUri }), ...more })
}

/** A verifier as a subject. */
export function plain(verifier: Verifier): Subject {
  return {
    ask: (token) =>
      verifier.verify(token).then(
        () => ({ accepted: true, status: 200, retryAfter: false, error: undefined }),
        (error: unknown) => {
          if (!isAuthError(error)) throw error
          const retryAfter = error.headers['Retry-After'] !== undefined
          return { accepted: false, status: error.status, retryAfter, error: undefined }
        },
      ),
    close: () => verifier.close(),
  }
}

function serve(setup: Setup, app: (verifier: Verifier) => RequestListener): Promise<Subject> {
  const verifier = verifierOf(setup)
  return overHttp(app(verifier), () => verifier.close())
}
