import type { AuthEvent } from './events.js'
import type { IssuerSettings, Settings } from './options.js'

/** Finds the options that an operator should know to be set: said once, when the verifier is made. */
export function noticesOf(settings: Settings): readonly AuthEvent[] {
  return settings.issuers.flatMap((issuer) =>
    detailsOf(issuer).map((detail) => ({ type: 'config.notice' as const, issuer: issuer.issuer, detail })),
  )
}

function detailsOf(issuer: IssuerSettings): readonly string[] {
  const { audience, clientId, authorizedParty } = issuer.claims
  const details: string[] = []
  if (!audience && !clientId && !authorizedParty) {
    details.push(
      'audience: null without clientId or authorizedParty: tokens made for any other API are accepted',
    )
  }
  const url =
    issuer.keys.kind === 'jwksUri' ? issuer.keys.url : issuer.keys.kind === 'discovery' ? issuer.issuer : ''
  if (url.startsWith('http:'))
    details.push('keys are fetched over http from a loopback host: for development only')
  return details
}
