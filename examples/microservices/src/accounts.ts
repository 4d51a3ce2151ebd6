import { hashPassword, type StoredPassword } from './passwords.js'

/** Somebody who can log in. */
export interface User {
  /** The `sub` of the tokens: it stays when the name changes. */
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly password: StoredPassword
}

/** An app that users log in with: which services its tokens are for, and what it may do there. */
export interface Client {
  readonly id: string
  readonly audience: readonly string[]
  readonly scope: string
}

/** What the services are called in `aud`. */
export const ORDERS = 'https://orders.example'
export const ASSISTANT = 'https://assistant.example'

export const CLIENTS: readonly Client[] = [
  { id: 'shop-app', audience: [ORDERS, ASSISTANT], scope: 'orders:read assistant:chat' },
  { id: 'chat-widget', audience: [ASSISTANT], scope: 'assistant:chat' },
]

/** Two customers and a support agent, with passwords that everybody may know. */
export const PEOPLE = [
  { id: 'user-1', name: 'carla', roles: [], password: 'carla-drinks-tea' },
  { id: 'user-2', name: 'dario', roles: [], password: 'dario-rides-bikes' },
  { id: 'user-3', name: 'sam', roles: ['support'], password: 'sam-answers-calls' },
] as const

/** Makes the users of the people above: their passwords are not kept. */
export function createUsers(): Promise<readonly User[]> {
  return Promise.all(
    PEOPLE.map(async (person) => ({ ...person, password: await hashPassword(person.password) })),
  )
}
