import type { FormValues, RequestView } from '@require-jwt/core'
import type { Context } from 'hono'

/** Shows the core a request of Hono. */
export function requestView(c: Context): RequestView {
  return {
    method: c.req.method,
    url: c.req.url,
    values: (name) => {
      // Fetch joins two fields of one name with a comma.
      const value = c.req.header(name)
      return value === undefined ? [] : [value]
    },
    form: async (name): Promise<FormValues> => {
      const value = (await c.req.parseBody({ all: true }))[name]
      return value === undefined ? [] : [value].flat()
    },
    // Read only when there is work for it: where there is no execution context, reading it throws.
    get waitUntil() {
      return waitUntilOf(c)
    },
  }
}

function waitUntilOf(c: Context): RequestView['waitUntil'] {
  try {
    const { executionCtx } = c
    // Whatever the server passed as the third argument of `fetch`: not every one of them has it.
    return 'waitUntil' in executionCtx ? (work) => executionCtx.waitUntil(work) : undefined
  } catch {
    return undefined
  }
}
