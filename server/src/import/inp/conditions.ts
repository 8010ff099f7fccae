import type { Notes } from '../imported.ts'
import { type InpSections, numberAt, secondsOf, setting } from './sections.ts'

/** Multipliers and positions of links at one moment of the simulation. */
export interface InpConditions {
  /** Multiplier of a pattern now; 1 for a missing one. */
  readonly pattern: (id: string | undefined) => number
  readonly defaultPattern: string | undefined
  /** Word or number that [STATUS] and the simple controls give a link now. */
  readonly status: ReadonlyMap<string, string>
}

/**
 * @param time    s since the start
 * @param levelOf pressure head of a tank or reservoir over its bottom, in the file's own length unit; tanks keep their initial level
 */
export function conditionsAt(
  sections: InpSections,
  time: number,
  levelOf: (node: string) => number | undefined,
  notes: Notes,
): InpConditions {
  const times = sections.get('TIMES')
  const step = secondsOf(setting(times, 'PATTERN', 'TIMESTEP'), undefined) ?? 3600
  const start = secondsOf(setting(times, 'PATTERN', 'START'), undefined) ?? 0
  const patterns = new Map<string, number[]>()
  for (const [id = '', ...factors] of sections.get('PATTERNS') ?? []) {
    const known = patterns.get(id) ?? []
    known.push(...factors.map(Number))
    patterns.set(id, known)
  }
  const at = Math.floor((time + start) / step)
  const status = new Map<string, string>()
  for (const [id = '', word = ''] of sections.get('STATUS') ?? []) status.set(id, word.toUpperCase())
  for (const line of sections.get('CONTROLS') ?? []) {
    const [, id = '', word = '', ...condition] = line
    const holds = controlHolds(condition, time, levelOf)
    if (holds === undefined) notes.add('controls of a kind that is not known were left out', line.join(' '))
    else if (holds) status.set(id, word.toUpperCase())
  }
  if ((sections.get('RULES') ?? []).length > 0) notes.add('rule-based controls ([RULES]) are not used')
  return {
    pattern: (id) => {
      const factors = patterns.get(id ?? '')
      return factors === undefined || factors.length === 0 ? 1 : (factors[at % factors.length] ?? 1)
    },
    defaultPattern: setting(sections.get('OPTIONS'), 'PATTERN') ?? '1',
    status,
  }
}

function controlHolds(
  words: readonly string[],
  time: number,
  levelOf: (node: string) => number | undefined,
): boolean | undefined {
  const upper = words.map((word) => word.toUpperCase())
  if (upper[0] === 'AT' && upper[1] === 'TIME') {
    const when = secondsOf(words[2], words[3])
    return when === undefined ? undefined : when <= time
  }
  if (upper[0] !== 'IF' || upper[1] !== 'NODE') return undefined
  const level = levelOf(words[2] ?? '')
  const limit = numberAt(words, 4)
  if (level === undefined || limit === undefined) return undefined
  return upper[3] === 'ABOVE' ? level > limit : upper[3] === 'BELOW' ? level < limit : undefined
}
