import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { readText, repositoryFiles, ROOT } from './repository.js'

// `[text](target)`, `[name]: target` and `<a href="target">`.
const LINKS = /\]\(\s*<?([^)\s>]+)[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)|\b(?:href|src)="([^"]+)"/gm
const OURS = /^https:\/\/github\.com\/require-jwt\/require-jwt\/(?:blob|tree|raw)\/main\//
const FENCED = /^(`{3,}|~{3,})[^]*?^\1/gm
const INLINE_CODE = /`[^`\n]*`/g

const documents = repositoryFiles(/\.md$/)

test('there are documents to check', () => {
  expect(documents).toContain('SECURITY.md')
})

test.each(documents)('the links of %s resolve', (document) => {
  const broken = linksOf(readText(document)).filter((link) => !resolves(document, link))
  expect(broken).toEqual([])
})

test('a reader finds every page: something links to it, or to its folder', () => {
  const linked = new Set(documents.flatMap((from) => linksOf(readText(from)).map((to) => targetOf(from, to))))
  const pages = documents.filter((path) => path.startsWith('docs/'))
  expect(pages).not.toHaveLength(0)
  expect(pages.filter((page) => !linked.has(page) && !linked.has(dirname(page)))).toEqual([])
})

test('a link to a missing file or a missing heading does not resolve', () => {
  expect(resolves('SECURITY.md', './no-such-file.md')).toBe(false)
  expect(resolves('SECURITY.md', '#no-such-heading')).toBe(false)
  expect(resolves('SECURITY.md', '#report-a-vulnerability')).toBe(true)
})

function linksOf(markdown: string): readonly string[] {
  const text = markdown.replaceAll(FENCED, '').replaceAll(INLINE_CODE, '')
  return [...text.matchAll(LINKS)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function resolves(document: string, link: string): boolean {
  const target = targetOf(document, link)
  if (target === undefined) return true // the world outside is not this test's to check
  if (target.startsWith('..') || !existsSync(join(ROOT, target))) return false
  const [, anchor] = decodeURI(link).split('#')
  return anchor === undefined || !target.endsWith('.md') || anchorsOf(readText(target)).has(anchor)
}

/** The file or folder that a link leads to, by its path in the repository. */
function targetOf(document: string, link: string): string | undefined {
  const own = link.replace(OURS, '/')
  if (/^(?:https?|mailto):/.test(own)) return undefined
  const [path = ''] = decodeURI(own).split('#')
  if (path === '') return document
  return normalize(join(path.startsWith('/') ? '.' : dirname(document), path)).replace(/\/$/, '')
}

/** The anchors that GitHub gives the headings of a document; a repeated heading gets a number. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const text = markdown.replaceAll(FENCED, '')
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id))
  for (const [, heading = ''] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = slugOf(heading)
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}

function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}
