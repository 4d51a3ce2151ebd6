import type { TestIssuer } from '@require-jwt/testing'
import type { Framework, RunningServer } from './servers/start.js'
import { CUSTOMER, STORY, type Row, type Told, type TokenOrder } from './story.js'
import { startWorld } from './world.js'

/** What a framework answered, and what its operator read. */
export interface Observed {
  readonly status: number
  /** The `WWW-Authenticate` field. */
  readonly challenge: string | null
  /** The `Retry-After` field, in seconds. */
  readonly retryAfter: number | null
  readonly reason: string | null
}

/** A row of the story, and what came of it. */
export interface ObservedRow {
  readonly chapter: string
  readonly title: string
  readonly meanwhile: string | null
  readonly request: string
  readonly answers: Readonly<Record<Framework, Observed>>
  readonly told: Told
  /** Every framework gave the answer that was told. */
  readonly asTold: boolean
}

/** Tells the whole story to three servers of its own and gives what was observed. */
export async function tellStory(options: { readonly sabotage: boolean }): Promise<readonly ObservedRow[]> {
  const world = await startWorld()
  try {
    const { issuer } = world
    if (options.sabotage) await issuer.publishForeignKeys()
    const old = await issuer.token(CUSTOMER)
    const rows: ObservedRow[] = []
    for (const { question, rows: told } of STORY) {
      for (const row of told) {
        // One thing after the other: that is what a story is.
        // oxlint-disable no-await-in-loop
        if (row.meanwhile) await world.let(row.meanwhile.event)
        const token = row.token && (row.token.old ? old : await mint(issuer, row.token))
        const answers = await askAll(world.servers, row, token)
        // oxlint-enable no-await-in-loop
        rows.push(observedRow(question, row, answers))
      }
    }
    return rows
  } finally {
    await world.close()
  }
}

function mint(issuer: TestIssuer, { claims = CUSTOMER, fault }: TokenOrder): Promise<string> {
  return fault ? issuer.faultyToken(fault, claims) : issuer.token(claims)
}

async function askAll(
  servers: readonly RunningServer[],
  row: Row,
  token: string | undefined,
): Promise<Readonly<Record<Framework, Observed>>> {
  const answers = await Promise.all(
    servers.map(async (server) => [server.framework, await ask(server, row, token)] as const),
  )
  return Object.fromEntries(answers) as Record<Framework, Observed>
}

async function ask(server: RunningServer, { path }: Row, token: string | undefined): Promise<Observed> {
  const response = await fetch(`${server.url}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  await response.arrayBuffer()
  const retryAfter = response.headers.get('retry-after')
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    retryAfter: retryAfter === null ? null : Number(retryAfter),
    reason: server.takeReason() ?? null,
  }
}

function observedRow(
  chapter: string,
  { title, meanwhile, path, told }: Row,
  answers: ObservedRow['answers'],
): ObservedRow {
  const asTold = Object.values(answers).every(
    (answer) =>
      answer.status === told.status &&
      answer.challenge === told.challenge &&
      (answer.retryAfter !== null) === told.retryAfter &&
      answer.reason === told.reason,
  )
  return { chapter, title, meanwhile: meanwhile?.text ?? null, request: `GET ${path}`, answers, told, asTold }
}
