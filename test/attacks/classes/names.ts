import { each } from '../../conformance/support/table.js'
import { AUDIENCE, ISSUER, mint, NOW } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const slash = against({ issuer: `${ISSUER}/` })
const twoNames = against({ issuer: [ISSUER, 'urn:old'] })
const twoAudiences = against({ audience: [AUDIENCE, 'urn:second'] })
const anyAudience = against({ audience: null })
const oneClient = against({ audience: null, clientId: 'client-1' })
const oneParty = against({ audience: null, authorizedParty: 'client-1' })

export const issuerName: Attack = {
  name: 'issuer-name',
  about: 'an issuer is the one of the options, to the letter',
  source: 'RFC 8725 §3.8, RFC 8414 §2',
  refuses: [
    ...each<unknown>(
      {
        'a slash at the end': `${ISSUER}/`,
        'another case of the host': 'https://Issuer.example',
        'another case of the scheme': 'HTTPS://issuer.example',
        http: 'http://issuer.example',
        'a longer host': `${ISSUER}.attacker.example`,
        'a longer name in front': 'https://evil-issuer.example',
        'a user before an at sign': 'https://issuer.example@attacker.example',
        'the default port': `${ISSUER}:443`,
        'a query': `${ISSUER}?`,
        'a fragment': `${ISSUER}#`,
        'a dot at the end of the host': `${ISSUER}.`,
        'an encoded letter': 'https://%69ssuer.example',
        'a Cyrillic letter': 'https://i\u0455suer.example',
        'a space in front': ` ${ISSUER}`,
        'a line break behind': `${ISSUER}\n`,
        'a zero behind': `${ISSUER}\u0000`,
        'a shorter one': ISSUER.slice(0, -1),
        'an empty text': '',
        null: null,
        'a number': 0,
        nothing: undefined,
      },
      (name, iss) => api.refuse(name, mint({ iss }), 'issuer_unknown'),
    ),
    api.refuse('the issuer in the header alone', mint({ iss: undefined }, { iss: ISSUER }), 'issuer_unknown'),
    slash.refuse('no slash, where the options have one', mint(), 'issuer_unknown'),
  ],
  accepts: [
    slash.accept('a slash, where the options have one', mint({ iss: `${ISSUER}/` })),
    twoNames.accept('the second name of two', mint({ iss: 'urn:old' })),
    api.accept(
      'another issuer in the header, which says nothing',
      mint({}, { iss: 'https://attacker.example' }),
    ),
  ],
}

export const audience: Attack = {
  name: 'audience',
  about: 'an audience is this API, to the letter, or a list with it',
  source: 'RFC 8725 §3.9, CVE-2025-62610',
  refuses: [
    ...each<unknown>(
      {
        'another API': 'https://other.example',
        'a slash at the end': `${AUDIENCE}/`,
        'another case': 'https://API.example',
        'a longer text': `${AUDIENCE}.attacker.example`,
        'a shorter text': AUDIENCE.slice(0, -1),
        'two in one text': `${AUDIENCE} https://other.example`,
        'two with a comma': `${AUDIENCE},https://other.example`,
        'a pattern': '.*',
        'an asterisk': '*',
        'an empty text': '',
        'an empty list': [],
        'a list of others': ['https://other.example', `${AUDIENCE}/`],
        nothing: undefined,
      },
      (name, aud) => api.refuse(name, mint({ aud }), 'audience_mismatch'),
    ),
    ...each<unknown>(
      {
        'a list with null': [AUDIENCE, null],
        'a list in a list': [[AUDIENCE]],
        'an object with its name': { [AUDIENCE]: true },
        'an object that reads like a list': { 0: AUDIENCE, length: 1 },
        true: true,
        null: null,
        'a number': 0,
      },
      (name, aud) => api.refuse(name, mint({ aud }), 'claim_invalid'),
    ),
    api.refuse(
      'another API, by a token that has run out',
      mint({ aud: 'https://other.example', exp: NOW - 60 }),
      'audience_mismatch',
    ),
    anyAudience.refuse('a list with an object, where any will do', mint({ aud: [{}] }), 'claim_invalid'),
  ],
  accepts: [
    api.accept('a list of one', mint({ aud: [AUDIENCE] })),
    api.accept(
      'it as the last of a hundred',
      mint({ aud: [...Array.from({ length: 99 }, (_, at) => `urn:${at}`), AUDIENCE] }),
    ),
    api.accept('it twice in a list', mint({ aud: [AUDIENCE, AUDIENCE] })),
    twoAudiences.accept('the second of two that are configured', mint({ aud: 'urn:second' })),
    anyAudience.accept('none, where any will do', mint({ aud: undefined })),
    anyAudience.accept('an empty list, where any will do', mint({ aud: [] })),
  ],
}

export const client: Attack = {
  name: 'client',
  about: 'where clients are listed, a token is one of theirs, by the claim that says so',
  source: 'RFC 8693 §4.3, RFC 9700 §2.3',
  refuses: [
    ...each<unknown>(
      {
        'another one': 'client-2',
        'a longer name': 'client-10',
        'another case': 'Client-1',
        'an empty text': '',
        null: null,
        'a list with it': ['client-1'],
        'an object with its name': { 'client-1': true },
      },
      (name, client_id) => oneClient.refuse(name, mint({ client_id }), 'claim_invalid'),
    ),
    oneClient.refuse(
      'another one in client_id, and it in cid and appid',
      mint({ client_id: 'client-2', cid: 'client-1', appid: 'client-1' }),
      'claim_invalid',
    ),
    oneClient.refuse('none', mint({ client_id: undefined, azp: 'client-1' }), 'claim_missing'),
    oneParty.refuse('another one in azp', mint({ azp: 'client-2' }), 'claim_invalid'),
    oneParty.refuse('none in azp', mint(), 'claim_missing'),
  ],
  accepts: [
    oneClient.accept('it in client_id', mint()),
    oneClient.accept('it in appid alone', mint({ client_id: undefined, appid: 'client-1' })),
    oneParty.accept('it in azp', mint({ client_id: 'client-2', azp: 'client-1' })),
  ],
}
