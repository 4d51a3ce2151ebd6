/** One bar. */
interface Bar {
  readonly name: string
  readonly value: number
  /** The value as it is written. */
  readonly label: string
  readonly kind: 'noop' | 'limit' | 'peer' | 'ours'
}

/** Bars that are compared with each other. */
export interface Group {
  readonly title: string
  readonly bars: readonly Bar[]
}

const COLOURS: Readonly<Record<Bar['kind'], string>> = {
  noop: '#d0d7de',
  limit: '#afb8c1',
  peer: '#6e7781',
  ours: '#0969da',
}

const [WIDTH, MARGIN, NAMES, LABELS, LINE, BAR] = [780, 16, 250, 90, 22, 14]

/** Draws horizontal bars as an SVG: each group has a scale of its own that starts at nothing. */
export function drawBars(title: string, groups: readonly Group[]): string {
  const lines: string[] = []
  let y = MARGIN + LINE
  lines.push(text(MARGIN, y - 6, title, 'font-weight="600" font-size="15"'))
  for (const group of groups) {
    y += LINE + 8
    lines.push(text(MARGIN, y - 8, group.title, 'font-weight="600"'))
    const most = Math.max(...group.bars.map(({ value }) => value), Number.MIN_VALUE)
    for (const bar of group.bars) {
      lines.push(...drawBar(bar, most, y))
      y += LINE
    }
  }
  const height = y + MARGIN
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="12" fill="#1f2328">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}

function drawBar({ name, value, label, kind }: Bar, most: number, y: number): readonly string[] {
  const left = MARGIN + NAMES
  const length = (Math.max(0, value) / most) * (WIDTH - left - LABELS - MARGIN)
  const weight = kind === 'ours' ? 'font-weight="600"' : ''
  return [
    text(left - 8, y + BAR - 2, name, `text-anchor="end" ${weight}`),
    `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${COLOURS[kind]}"/>`,
    text(left + length + 6, y + BAR - 2, label, weight),
  ]
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes.trim()}>${escape(content)}</text>`
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
