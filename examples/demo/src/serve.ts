import { ADMIN, CUSTOMER } from './story.js'
import { startWorld } from './world.js'

const HOUR = 3600

/** Keeps issuer and servers up until the process is asked to end. */
export async function serve(print: (text: string) => void): Promise<void> {
  const world = await startWorld()
  // Before anything is printed: whoever reads the lines may already send the signal.
  const asked = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  const customer = await world.issuer.token(CUSTOMER, { expiresIn: HOUR })
  const admin = await world.issuer.token(ADMIN, { expiresIn: HOUR })

  print(`issuer   ${world.issuer.issuer}\n`)
  for (const { framework, url } of world.servers) {
    print(`\n# ${framework}: no token, 401\ncurl -i ${url}/orders\n`)
    print(`# ${framework}: a customer reads orders, 200\n${curl(`${url}/orders`, customer)}\n`)
    print(`# ${framework}: a customer at an admin route, 403\n${curl(`${url}/admin`, customer)}\n`)
    print(`# ${framework}: an admin at the same route, 200\n${curl(`${url}/admin`, admin)}\n`)
  }
  print('\nThe tokens are valid for an hour. Ctrl-C ends it.\n')

  await asked
  await world.close()
}

function curl(url: string, token: string): string {
  return `curl -i ${url} -H 'Authorization: Bearer ${token}'`
}
