import * as oauth from 'oauth4webapi'
import { CLIENT_SECRET, clientIds } from './create-provider.js'

/** The client refuses http, also to a server on loopback. */
const INSECURE = { [oauth.allowInsecureRequests]: true } as const

/** The client with which the tests ask: a service, whose tokens are signed with RS256. */
export const CLIENT_ID: string = clientIds('RS256').service

/** How the client sends a request to an API. */
type Send = NonNullable<oauth.ProtectedResourceRequestOptions[typeof oauth.customFetch]>

/** A token that is bound to a key, and who has the key. */
export interface DpopClient {
  readonly token: string
  /** What the token endpoint calls it. */
  readonly tokenType: string
  /** The nonce of the authorization server that this token took. */
  readonly serverNonce: string
  /** Signs proofs, and keeps the latest nonce of each origin. */
  readonly dpop: oauth.DPoPHandle
  /** Signs proofs with the same key that have this nonce, whatever an API asks for. */
  withNonce(nonce: string): oauth.DPoPHandle
}

/** Gets a token for an API that is bound to a new key, as the documentation of the client shows it. */
export async function createDpopClient(issuer: string, resource: string, alg: string): Promise<DpopClient> {
  const url = new URL(issuer)
  const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, INSECURE))
  const client: oauth.Client = { client_id: CLIENT_ID }
  const keys = await oauth.generateKeyPair(alg)
  const dpop = oauth.DPoP(client, keys)
  let serverNonce: string | undefined
  const { access_token: token, token_type: tokenType } = await retryWithNonce(async () => {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic(CLIENT_SECRET),
      { resource, scope: 'orders:read' },
      { DPoP: dpop, ...INSECURE },
    )
    serverNonce = response.headers.get('dpop-nonce') ?? serverNonce
    return oauth.processClientCredentialsResponse(server, client, response)
  })
  if (serverNonce === undefined) throw new Error('The token endpoint asked for no nonce.')
  return {
    token,
    tokenType,
    serverNonce,
    dpop,
    withNonce: (nonce) =>
      oauth.DPoP(client, keys, {
        [oauth.modifyAssertion]: (_header, payload) => {
          payload['nonce'] = nonce
        },
      }),
  }
}

/** Sends a request, and once more where the answer is that the proof needs a nonce: the handle has it by then. */
export async function retryWithNonce<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return request()
  }
}

/** How a request to an API is sent. Without `dpop` the token goes as a bearer token. */
export interface RequestOptions {
  readonly dpop?: oauth.DPoPHandle
  /** Sees the fields of the request before they are sent, and may change them. */
  readonly edit?: (fields: Headers) => void
}

/** Gets from an API. @throws oauth.WWWAuthenticateChallengeError for an answer with a challenge */
export function getFrom(url: URL, token: string, { dpop, edit }: RequestOptions = {}): Promise<Response> {
  return oauth.protectedResourceRequest(token, 'GET', url, undefined, undefined, {
    ...INSECURE,
    ...(dpop && { DPoP: dpop }),
    ...(edit && { [oauth.customFetch]: sendEdited(edit) }),
  })
}

function sendEdited(edit: (fields: Headers) => void): Send {
  return (url, { method, headers }) => {
    const fields = new Headers(headers)
    edit(fields)
    return fetch(url, { method, headers: fields })
  }
}

/** What the client makes of an answer with a challenge. */
export interface Refused {
  readonly status: number
  /** The schemes in lower case, with their parameters. */
  readonly challenges: readonly oauth.WWWAuthenticateChallenge[]
  /** The client says that the same request with a new nonce may pass. */
  readonly asksForNonce: boolean
  /** The field `DPoP-Nonce`. */
  readonly nonce: string | null
}

/** Reads the refusal of a request. @throws where the client sees none */
export async function refusalOf(request: Promise<Response>): Promise<Refused> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof oauth.WWWAuthenticateChallengeError)) {
    throw new Error('The client saw no challenge.', { cause: error })
  }
  const { response, status, cause } = error
  await response.body?.cancel()
  return {
    status,
    challenges: cause,
    asksForNonce: oauth.isDPoPNonceError(error),
    nonce: response.headers.get('dpop-nonce'),
  }
}
