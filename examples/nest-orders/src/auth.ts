import { STATUS_CODES, type ServerResponse } from 'node:http'
import {
  Catch,
  createParamDecorator,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import {
  assertGranted,
  AUTH_ERRORS,
  AuthError,
  getAuth,
  optionalJwt,
  type Requirement,
  type VerifierOptions,
} from '@require-jwt/express'

/** Protects every route of an app, but for those that say otherwise. */
export function useAuth(app: NestExpressApplication, options: VerifierOptions): void {
  // Checks every token that comes. That one comes is for the guard to demand: it knows which routes are public.
  app.use(optionalJwt(options, { errors: 'forward' }))
  app.useGlobalGuards(new AuthGuard())
  app.useGlobalFilters(new AuthErrorFilter())
}

/** Opens a route, or all routes of a controller, to callers without a token. A bad token is refused all the same. */
export const Public = Reflector.createDecorator<void>()

/** Demands a right, of a route or of all routes of a controller. Where both demand one, the token needs both. */
export const Requires = Reflector.createDecorator<Requirement>()

/** Gives a handler the result of the caller's token. */
export const CurrentAuth = createParamDecorator((_: unknown, context: ExecutionContext) =>
  getAuth(context.switchToHttp().getRequest<object>()),
)

/** Demands a token of every route that is not `@Public()`, and the right that it `@Requires`. */
class AuthGuard implements CanActivate {
  readonly #reflector = new Reflector()

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getClass(), context.getHandler()]
    const demanded = this.#reflector.getAll(Requires, places).filter((demand) => demand !== undefined)
    const isPublic = this.#reflector.getAll(Public, places).some((mark) => mark !== undefined)
    if (isPublic && demanded.length === 0) return true
    const auth = getAuth(context.switchToHttp().getRequest<object>())
    for (const demand of demanded) assertGranted(auth, demand)
    return true
  }
}

/** Answers refusals as the middleware does by itself: status, headers, and a body of RFC 9457. */
@Catch(AuthError)
class AuthErrorFilter implements ExceptionFilter<AuthError> {
  catch({ code, status, headers, message }: AuthError, host: ArgumentsHost): void {
    const error = AUTH_ERRORS[code].wire
    const problem = {
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      ...(error && { error, error_description: message }),
    }
    host
      .switchToHttp()
      .getResponse<ServerResponse>()
      .writeHead(status, { ...headers, 'Content-Type': 'application/problem+json' })
      .end(JSON.stringify(problem))
  }
}
