import { csvTable, isoIn } from './statement-csv.ts'
import type { RankedSuspect } from './suspect-figures.ts'

/** The suspects of a zone as one table, the most probable first. @param timeZone of the city */
export function suspectsCsv(suspects: readonly RankedSuspect[], timeZone: string): string {
  const header = [
    ...['rank', 'meter', 'device', 'zone', 'kind', 'probability_1', 'since'],
    ...['p05_m3_d', 'p50_m3_d', 'p95_m3_d', 'yuan_per_month', 'model_score_1', 'also', 'case', 'facts'],
  ]
  const rows = suspects.map((s) => [
    ...[s.rank, s.meter, s.device, s.zone, s.kind, s.probability, s.since === null ? null : isoIn(s.since, timeZone)],
    ...[s.m3_per_day?.p05 ?? null, s.m3_per_day?.p50 ?? null, s.m3_per_day?.p95 ?? null, s.yuan_per_month],
    ...[
      s.model_score,
      s.also.map(({ kind }) => kind).join(' '),
      s.case.state,
      s.facts.map(({ code }) => code).join(' '),
    ],
  ])
  return csvTable([header, ...rows])
}
