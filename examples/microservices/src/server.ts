import { logEvents } from '@require-jwt/express'
import { PEOPLE } from './accounts.js'
import { logIn, type Session } from './client.js'
import { startServices } from './start.js'

const { PORT = '4000', ROTATE_SECONDS = '3600' } = process.env

// An hour back for one log-in, so that there is a token that has run out to show.
let behindMs = 3_600_000
const now = (): number => Date.now() - behindMs
const { login, orders, assistant, accessTokens } = await startServices({
  port: Number(PORT),
  now,
  observer: logEvents(console),
})
const [carla, , sam] = PEOPLE
const earlier = await logInAs(carla)
behindMs = 0
const customer = await logInAs(carla)
const agent = await logInAs(sam)
setInterval(() => void accessTokens.rotate(), Number(ROTATE_SECONDS) * 1000)

const ask = (question: string, token?: string): string =>
  `curl -i ${assistant.url}/chat -d 'message=${question}'${token ? ` -H 'Authorization: Bearer ${token}'` : ''}`
const renew = `grant_type=refresh_token&client_id=shop-app&refresh_token=${earlier.refreshToken}`

console.log(`
# nobody asks the assistant, 401
${ask('Where is my order?')}

# carla logs in, 200
curl -i ${login.url}/login -d 'client_id=shop-app&username=${carla.name}&password=${carla.password}'

# carla asks, and the assistant asks the order service with her token, 200
${ask('Where is my order?', customer.accessToken)}

# carla asks for the order of somebody else, and is told no more than of one that is not there, 200
${ask('Where is order 1002?', customer.accessToken)}

# sam, a support agent, asks for it, 200
${ask('Where is order 1002?', agent.accessToken)}

# carla reads her orders herself, 200
curl -i ${orders.url}/orders -H 'Authorization: Bearer ${customer.accessToken}'

# carla asks with the token of an hour ago: "The access token expired", 401
${ask('Where is my order?', earlier.accessToken)}

# so she gets a new one, once, 200
curl -i ${login.url}/token -d '${renew}'

# where the services find the keys of the login service, 200
curl -i ${login.url}/.well-known/oauth-authorization-server

# and the keys, 200
curl -i ${login.url}/jwks

Listening: login on ${login.url}, orders on ${orders.url}, assistant on ${assistant.url}.
Access tokens live ${accessTokens.lifetime / 60} minutes; after that, log in as above for another.`)

function logInAs({ name, password }: (typeof PEOPLE)[number]): Promise<Session> {
  return logIn(login.url, { client_id: 'shop-app', username: name, password })
}
