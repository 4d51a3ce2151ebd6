/** What somebody is told who installed this package as a library. */
export const MESSAGE = `require-jwt is a command, not a library: it exports nothing. To protect an API, install the package for your
framework and import requireJwt from there:

  Express   npm install @require-jwt/express
  Koa       npm install @require-jwt/koa
  Hono      npm install @require-jwt/hono`
