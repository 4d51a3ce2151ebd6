import { createHash } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isConfigError } from '@require-jwt/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fileKeyStore } from './file-key-store.js'

const NAME = `${createHash('sha256').update('k').digest('hex')}.json`

let root: string
let folder: string
let file: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'file-key-store-'))
  folder = join(root, 'keys')
  file = join(folder, NAME)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(root, { recursive: true })
})

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe('fileKeyStore', () => {
  test('gives what was set last, to the letter, also to another process', async () => {
    const store = fileKeyStore(folder)
    const value = '{"a":"☃\\n\u0000"}'
    expect(await store.get('k')).toBeUndefined()
    await store.set('k', 'one', 1_000)
    await store.set('k', value, 1_000)
    await store.set('../other', 'two', 1_000)
    expect(await store.get('k')).toBe(value)
    expect(await fileKeyStore(folder).get('k')).toBe(value)
    expect(await store.get('../other')).toBe('two')
    expect(await readdir(root)).toEqual(['keys'])
  })

  test('makes the directory when something is set: 0700, and the file 0600', async () => {
    const deep = join(folder, 'deep')
    await fileKeyStore(folder).get('k')
    expect(await readdir(root)).toEqual([])
    await fileKeyStore(deep).set('k', 'one', 1_000)
    expect([await modeOf(deep), await modeOf(join(deep, NAME))]).toEqual(['700', '600'])
  })

  test('forgets it after its time', async () => {
    let time = 0
    const store = fileKeyStore(folder, () => time)
    await store.set('k', 'one', 1_000)
    time = 999
    expect(await store.get('k')).toBe('one')
    time = 1_000
    expect(await store.get('k')).toBeUndefined()
  })

  test('a path that is relative stays where it was', async () => {
    const working = process.cwd()
    process.chdir(root)
    const store = fileKeyStore('keys')
    process.chdir(working)
    await store.set('k', 'one', 1_000)
    expect(await readdir(folder)).toEqual([NAME])
  })

  test.each(['', undefined, null, 5, new URL('file:///tmp')])('refuses the directory %j', (directory) => {
    let error: unknown
    try {
      fileKeyStore(directory as string)
    } catch (thrown) {
      error = thrown
    }
    expect(isConfigError(error)).toBe(true)
    expect((error as Error).message).toMatch(/^fileKeyStore: got .* Pass the path of a directory/)
  })
})

describe('a file', () => {
  test.each([
    '',
    '{',
    'null',
    '5',
    '{}',
    '{"until":9e15}',
    '{"value":"x"}',
    '{"until":9e15,"value":5}',
    '{"until":"9e15","value":"x"}',
  ])('that says %j has nothing', async (text) => {
    await mkdir(folder)
    await writeFile(file, text)
    expect(await fileKeyStore(folder).get('k')).toBeUndefined()
  })

  test('is read up to 8 MiB', async () => {
    await mkdir(folder)
    const text = '{"until":9e15,"value":"x"}'
    await writeFile(file, text.padEnd(8 * 1024 * 1024))
    expect(await fileKeyStore(folder).get('k')).toBe('x')
    await writeFile(file, text.padEnd(8 * 1024 * 1024 + 1))
    await expect(fileKeyStore(folder).get('k')).rejects.toThrow('the file is too large')
  })

  test('is never seen in half, however many write at once, and nothing else is left', async () => {
    const values = Array.from({ length: 40 }, (_, index) => String(index).padStart(2, '0').repeat(100_000))
    await fileKeyStore(folder).set('k', values[0] ?? '', 60_000)
    const writing = values.map((value) => fileKeyStore(folder).set('k', value, 60_000))
    const reading = Array.from({ length: 200 }, async () => fileKeyStore(folder).get('k'))
    const read = await Promise.all(reading)
    await Promise.all(writing)
    const whole = new Set<unknown>(values)
    expect([...read, await fileKeyStore(folder).get('k')].filter((value) => !whole.has(value))).toEqual([])
    expect(await readdir(folder)).toEqual([NAME])
  })
})

describe('what is not safely ours is neither read nor written', () => {
  // A case changes what a good store left behind.
  test.each<[string, RegExp, () => Promise<unknown> | undefined]>([
    ['a file that a group can write to', /the file can be written to by others/, () => chmod(file, 0o620)],
    ['a file that all can write to', /the file can be written to by others/, () => chmod(file, 0o602)],
    [
      'a directory that a group can write to',
      /directory can be written to by others/,
      () => chmod(folder, 0o770),
    ],
    [
      'a directory that all can write to',
      /directory can be written to by others/,
      () => chmod(folder, 0o702),
    ],
    [
      'a file that is a symbolic link',
      /symbolic link/,
      async () => {
        await rename(file, join(root, 'target'))
        await symlink(join(root, 'target'), file)
      },
    ],
    [
      'a directory that is a symbolic link',
      /directory is a symbolic link/,
      async () => {
        await rename(folder, join(root, 'target'))
        await symlink(join(root, 'target'), folder)
      },
    ],
    [
      'a file that is a directory',
      /the file is no file/,
      async () => {
        await rm(file)
        await mkdir(file)
      },
    ],
    ['a directory of another user', /directory belongs to another user/, () => pretend((own) => [own + 1])],
    [
      'a file of another user',
      /file belongs to another user/,
      () => pretend((own) => [own, own + 1, own, own + 1]),
    ],
  ])('%s', async (_, message, change) => {
    const store = fileKeyStore(folder)
    await store.set('k', 'one', 60_000)
    expect(await store.get('k')).toBe('one')
    await change()
    await expect(store.get('k')).rejects.toThrow(message)
    await expect(store.set('k', 'two', 60_000)).rejects.toThrow(message)
    expect(await readdir(folder)).toEqual([NAME])
    expect(await readFile(file, 'utf8').catch(() => 'no file')).not.toContain('two')
  })

  test('a directory that is a symbolic link, also with a slash behind it', async () => {
    await fileKeyStore(join(root, 'target')).set('k', 'one', 60_000)
    await symlink(join(root, 'target'), folder)
    await expect(fileKeyStore(`${folder}/`).get('k')).rejects.toThrow('the directory is a symbolic link')
  })

  test('a directory that is a file', async () => {
    await writeFile(folder, '')
    await expect(fileKeyStore(folder).get('k')).rejects.toThrow('the directory is no directory')
    await expect(fileKeyStore(folder).set('k', 'one', 1_000)).rejects.toThrow('EEXIST')
  })

  test('where the platform knows no users, neither owner nor mode is looked at', async () => {
    const store = fileKeyStore(folder)
    await store.set('k', 'one', 60_000)
    await chmod(file, 0o666)
    const own = Object.getOwnPropertyDescriptor(process, 'geteuid')
    Object.defineProperty(process, 'geteuid', { value: undefined, configurable: true, writable: true })
    try {
      expect(await store.get('k')).toBe('one')
    } finally {
      if (own) Object.defineProperty(process, 'geteuid', own)
    }
  })
})

/** Lets the process be these users, one after the other: every look at an owner asks anew. */
function pretend(users: (own: number) => readonly number[]): undefined {
  const own = process.geteuid?.() ?? 0
  const spy = vi.spyOn(process as Required<Pick<NodeJS.Process, 'geteuid'>>, 'geteuid')
  const given = users(own)
  for (const user of given) spy.mockReturnValueOnce(user)
  spy.mockReturnValue(given.at(-1) ?? own)
}
