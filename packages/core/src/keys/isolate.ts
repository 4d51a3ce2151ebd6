/**
 * Tells whether this runtime lets no request await a promise of another: Cloudflare Workers, which cancel it together
 * with the request that made it.
 */
export function isIsolate(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: unknown } }
  return navigator?.userAgent === 'Cloudflare-Workers'
}
