import { createHash } from 'node:crypto'

/** Facts of one audit record: what happened, to what, by whom, and whatever numbers belong to it. */
export type AuditFacts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** The hash before the first record. */
export const GENESIS = '0'.repeat(64)

const HASH_MARK = ',"hash":"'
/** `,"hash":"` + 64 digits + `"}` */
const TAIL_LENGTH = HASH_MARK.length + 64 + 2

/** SM3 over the previous record's hash and the record's own text up to its hash. @source GB/T 32905-2016 (SM3) */
const hashOf = (previous: string, text: string): string => createHash('sm3').update(previous).update(text).digest('hex')

/** One record as a line of JSON without line break: sequence, time (Unix ms), event, facts, hash. The hash covers everything before it. */
export function auditLine(previous: string, sequence: number, at: number, event: string, facts: AuditFacts) {
  const text = JSON.stringify({ sequence, at, event, facts }).slice(0, -1)
  const hash = hashOf(previous, text)
  return { line: `${text}${HASH_MARK}${hash}"}`, hash }
}

/** The hash a line claims, undefined when the line is not a whole record. */
export function claimedHash(line: string): string | undefined {
  const mark = line.length - TAIL_LENGTH
  if (mark < 0 || !line.startsWith(HASH_MARK, mark) || !/^[0-9a-f]{64}"}$/.test(line.slice(mark + HASH_MARK.length))) {
    return undefined
  }
  try {
    JSON.parse(line)
  } catch {
    return undefined
  }
  return line.slice(mark + HASH_MARK.length, -2)
}

/** Whole, or where the chain breaks first: `line` counts from 1. */
export type AuditVerdict =
  | { readonly ok: true; readonly records: number; readonly hash: string }
  | { readonly ok: false; readonly line: number; readonly reason: 'unreadable' | 'hash' | 'sequence' }

/** Checks every line against the one before. */
export function verifyLines(lines: readonly string[]): AuditVerdict {
  let previous = GENESIS
  for (const [i, line] of lines.entries()) {
    const claimed = claimedHash(line)
    if (claimed === undefined) return { ok: false, line: i + 1, reason: 'unreadable' }
    if (claimed !== hashOf(previous, line.slice(0, -TAIL_LENGTH))) return { ok: false, line: i + 1, reason: 'hash' }
    if ((JSON.parse(line) as { sequence?: unknown }).sequence !== i + 1)
      return { ok: false, line: i + 1, reason: 'sequence' }
    previous = claimed
  }
  return { ok: true, records: lines.length, hash: previous }
}
