/** A line of an EPANET file without its comment, cut at white space. */
export type InpLine = readonly string[]
export type InpSections = ReadonlyMap<string, readonly InpLine[]>

/** Cuts an EPANET input file into sections by their names in upper case. */
export function readSections(text: string): InpSections {
  const sections = new Map<string, InpLine[]>()
  let current: InpLine[] | undefined
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/;.*$/, '').trim()
    if (line === '') continue
    const head = /^\[(\w+)\]?/.exec(line)
    if (head !== null) {
      const name = (head[1] ?? '').toUpperCase()
      current = sections.get(name) ?? []
      sections.set(name, current)
    } else current?.push(line.split(/\s+/))
  }
  return sections
}

/** Value of a setting whose name may have several words, e.g. `Demand Multiplier 1.2`. */
export function setting(lines: readonly InpLine[] | undefined, ...name: readonly string[]): string | undefined {
  for (const line of lines ?? []) {
    if (line.length <= name.length) continue
    if (name.every((word, i) => line[i]?.toUpperCase() === word)) return line[name.length]
  }
  return undefined
}

/** A number, or undefined for a missing or strange word. */
export function numberAt(line: InpLine, at: number): number | undefined {
  const value = Number(line[at] ?? Number.NaN)
  return Number.isNaN(value) ? undefined : value
}

/** Seconds of `24`, `1:30`, `0:05:00`, `2 PM`, `90 MIN`; a bare number is hours. */
export function secondsOf(...words: readonly (string | undefined)[]): number | undefined {
  const [text = '', unit = ''] = words
  if (!/^[\d.:]+$/.test(text)) return undefined
  const [h = 0, m = 0, s = 0] = text.split(':').map(Number)
  const word = unit.toUpperCase()
  if (!text.includes(':') && word !== '') {
    if (word.startsWith('SEC')) return h
    if (word.startsWith('MIN')) return 60 * h
    if (word.startsWith('DAY')) return 86_400 * h
  }
  const hours = word === 'PM' && h < 12 ? h + 12 : word === 'AM' && h === 12 ? 0 : h
  return 3600 * hours + 60 * m + s
}
