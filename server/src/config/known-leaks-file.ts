import { readFile } from 'node:fs/promises'
import type { KnownLeak } from '@gastwin/analytics'
import { type Network, UsageError } from '@gastwin/twin'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { LEAK_FOUND } from '../contract/index.ts'
import { knownLeakOf } from '../ledger/known-leaks.ts'

/** Unix ms, or ISO text with an offset. */
const Time = Type.Union([Type.Number(), Type.String()])
const Row = Type.Object({
  id: Type.Optional(Type.String()),
  kind: Type.Union([Type.Literal('leak'), Type.Literal('rupture')]),
  state: Type.Enum(['suspected', 'confirmed', 'located', 'isolated', 'closed', 'dismissed']),
  zone: Type.String(),
  started_at: Time,
  detected_at: Type.Optional(Type.Union([Time, Type.Null()])),
  standard_flow_m3_s: Type.Object({ p05: Type.Number(), p50: Type.Number(), p95: Type.Number() }),
  closed: Type.Optional(Type.Union([Type.Object({ at: Time, found: Type.Enum(LEAK_FOUND) }), Type.Null()])),
})
type Row = Static<typeof Row>

/**
 * Leaks as `gastwin leak --json` prints them, or as `GET /api/v1/leaks` answers: what is only suspected or was withdrawn is left out.
 * @throws UsageError CFG_INVALID naming the file and the row
 */
export async function readKnownLeaks(file: string, network: Network): Promise<KnownLeak[]> {
  return listOf(file, await readJson(file)).flatMap((row, i) => {
    const wrong = (why: string) => new UsageError('CFG_INVALID', `${file}: row ${i + 1}: ${why}`)
    if (!Value.Check(Row, row)) {
      const [first] = Value.Errors(Row, row)
      throw wrong(`${first?.instancePath ?? ''} ${first?.message ?? 'is no leak'}`.trim())
    }
    if (!network.zones.numberOf.has(row.zone)) throw wrong(`the network has no zone "${row.zone}"`)
    const { p05, p50, p95 } = row.standard_flow_m3_s
    if (!(p05 <= p50 && p50 <= p95)) throw wrong('/standard_flow_m3_s: p05, p50 and p95 stand in rising order')
    const known = knownLeakOf(timed(row, `leak ${i + 1}`, wrong))
    return known === undefined ? [] : [known]
  })
}

function timed(row: Row, name: string, wrong: (why: string) => UsageError): Parameters<typeof knownLeakOf>[0] {
  const instant = (field: string, value: number | string) => {
    const at = typeof value === 'number' ? value : /(Z|[+-]\d{2}:?\d{2})$/.test(value) ? Date.parse(value) : Number.NaN
    if (Number.isNaN(at)) throw wrong(`/${field} is "${value}", expected a time such as 2026-01-05T00:00:00Z`)
    return at
  }
  const { detected_at: detected = null, closed = null } = row
  return {
    ...row,
    id: row.id ?? name,
    started_at: instant('started_at', row.started_at),
    detected_at: detected === null ? null : instant('detected_at', detected),
    closed: closed === null ? null : { found: closed.found, at: instant('closed/at', closed.at) },
  }
}

function listOf(file: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined
  if (Array.isArray(items)) return items
  throw new UsageError('CFG_INVALID', `${file}: expected a list of leaks, or an object with "items"`)
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new UsageError('CFG_INVALID', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
}
