import { createHash, randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { lstat, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigError, type KeyStore } from '@require-jwt/core'

const { O_NOFOLLOW, O_RDONLY, S_IRUSR, S_IRWXU, S_IWGRP, S_IWOTH, S_IWUSR } = constants

/** Twice what a key set has at most: it is written as a string inside of JSON. */
const MAX_BYTES = 8 * 1024 * 1024

/**
 * Makes a store that keeps each key set in a file of `directory`, which it makes where it is not there.
 *
 * Whoever can write to the directory can mint tokens. So its mode is 0700 and that of its files 0600, and nothing is
 * read or written where the directory or the file belongs to another user, can be written to by others, or is a
 * symbolic link. Node knows neither owner nor mode on Windows: give the directory its permissions yourself there.
 *
 * A file is written under another name, then renamed: other processes see the old one or the new one, whole. `now`
 * gives milliseconds since the epoch, by default the clock of the machine.
 *
 * @throws ConfigError where `directory` is no path. Refusals to read or to write are rejections, with an `Error`.
 */
export function fileKeyStore(directory: string, now: () => number = () => Date.now()): KeyStore {
  if (typeof directory !== 'string' || directory === '') {
    const got = directory === '' ? '""' : typeof directory
    throw new ConfigError(
      `fileKeyStore: got ${got}. Pass the path of a directory that only this service can write to.`,
    )
  }
  const folder = resolve(directory) // now, because a process may change its working directory
  const fileOf = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex')}.json`)
  return {
    async get(key) {
      await refuseForeign(folder, 'directory')
      const text = await read(fileOf(key))
      return text === undefined ? undefined : valueOf(text, now())
    },
    async set(key, value, ttlMs) {
      await mkdir(folder, { recursive: true, mode: S_IRWXU })
      await refuseForeign(folder, 'directory')
      await write(fileOf(key), JSON.stringify({ until: now() + ttlMs, value }))
    },
  }
}

type Kind = 'file' | 'directory'

/** Refuses what is there and is not safely ours. */
async function refuseForeign(path: string, kind: Kind): Promise<void> {
  const stats = await orAbsent(lstat(path))
  if (stats !== undefined) checkOurs(stats, kind)
}

function checkOurs(stats: Stats, kind: Kind): void {
  if (stats.isSymbolicLink()) throw refusal(kind, 'is a symbolic link')
  if (!(kind === 'file' ? stats.isFile() : stats.isDirectory())) throw refusal(kind, `is no ${kind}`)
  const user = process.geteuid?.()
  if (user === undefined) return
  if (stats.uid !== user) throw refusal(kind, 'belongs to another user')
  if ((stats.mode & (S_IWGRP | S_IWOTH)) !== 0) throw refusal(kind, 'can be written to by others')
}

async function read(path: string): Promise<string | undefined> {
  const file = await orAbsent(open(path, O_RDONLY | O_NOFOLLOW))
  if (file === undefined) return undefined
  try {
    const stats = await file.stat() // of the open file: under its name there may be another by now
    checkOurs(stats, 'file')
    if (stats.size > MAX_BYTES) throw refusal('file', 'is too large')
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function write(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: S_IRUSR | S_IWUSR })
    await refuseForeign(path, 'file')
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function valueOf(text: string, now: number): string | undefined {
  try {
    const { until, value } = JSON.parse(text) as Readonly<Record<string, unknown>>
    return typeof value === 'string' && typeof until === 'number' && now < until ? value : undefined
  } catch {
    return undefined // written by something else
  }
}

async function orAbsent<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function refusal(kind: Kind, why: string): Error {
  return new Error(`fileKeyStore: the ${kind} ${why}`)
}
