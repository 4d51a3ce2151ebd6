import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'

/** Who logged in, and with which client. */
interface Session {
  readonly userId: string
  readonly clientId: string
}

/** Refresh tokens: each is good for one renewal, which gives the next. */
export interface RefreshTokens {
  /** Begins a session and gives its first token. */
  begin(session: Session): string
  /** Takes a token for the next one; `undefined` where it is not good, or not that client's. */
  renew(token: string, clientId: string): { readonly session: Session; readonly next: string } | undefined
}

interface Grant {
  readonly session: Session
  readonly hash: Buffer
  readonly until: number
}

/** Keeps sessions in memory. One ends when it has not been renewed for `lifetime` seconds. */
export function createRefreshTokens(lifetime: number, now: () => number): RefreshTokens {
  const grants = new Map<string, Grant>()

  const issue = (id: string, session: Session): string => {
    const token = `${id}.${randomBytes(32).toString('base64url')}`
    grants.set(id, { session, hash: hashOf(token), until: now() + lifetime * 1000 })
    return token
  }

  return {
    begin: (session) => issue(randomUUID(), session),
    renew(token, clientId) {
      const [id = ''] = token.split('.')
      const grant = grants.get(id)
      if (!grant || grant.session.clientId !== clientId) return undefined
      if (now() < grant.until && timingSafeEqual(hashOf(token), grant.hash)) {
        return { session: grant.session, next: issue(id, grant.session) }
      }
      // Run out, or used before: then two have it, and nobody knows which of them is the thief (RFC 9700 §4.14.2).
      grants.delete(id)
      return undefined
    },
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
