import { REPLACEMENT_ORDERS, type Replacement, type ReplacementOrder } from '@gastwin/server/contract'
import { useState } from 'react'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import { type MeterColumn, MeterLink, MeterTable } from './meter-table.tsx'
import { useReplacements } from './use-gap.ts'

/** The meters of the whole city whose replacement wins most per yuan. */
export function ReplacementsTable() {
  const t = useText()
  const zoneName = useZoneName()
  const [by, setBy] = useState<ReplacementOrder>('m3')
  const { value, failure, retry } = useReplacements(by)
  const words = t.gap.replacements
  if (value === undefined)
    return failure === undefined ? <Loading what={words.waiting} /> : <Problem failure={failure} onRetry={retry} />
  if (value.length === 0) return <p className="empty">{words.none}</p>
  const sum = (of: 'yuan' | 'won_m3_per_year' | 'won_yuan_per_year') =>
    printNumber(value.reduce((s, row) => s + row[of], 0))
  const lead = words.lead(printNumber(value.length), sum('yuan'), sum('won_m3_per_year'), sum('won_yuan_per_year'))
  const columns: readonly MeterColumn<Replacement>[] = [
    { head: '#', look: 'number rank', cell: (_row, place) => place + 1 },
    { head: t.gap.suspects.meter, cell: ({ meter }) => <MeterLink meter={meter} /> },
    { head: t.gap.columns.zone, look: 'nowrap', cell: ({ zone }) => zoneName(zone) },
    { head: words.reason, look: 'nowrap', cell: ({ reason }) => wordFor(words.reasons, reason) },
    { head: words.age, look: 'number', cell: (row) => printNumber(row.age_years) },
    {
      head: words.won,
      look: 'number nowrap',
      cell: (row) =>
        `${printNumber(row.won_m3_per_year)} (${printNumber(row.won_m3_p05)} – ${printNumber(row.won_m3_p95)})`,
    },
    { head: words.wonYuan, look: 'number', cell: (row) => printNumber(row.won_yuan_per_year) },
    { head: words.cost, look: 'number', cell: (row) => `${printNumber(row.yuan)}${row.yuan_assumed ? '*' : ''}` },
    { head: words.ratio, look: 'number', cell: (row) => printNumber(row.m3_per_yuan, 2) },
    { head: words.ratioYuan, look: 'number', cell: (row) => printNumber(row.yuan_per_yuan, 2) },
  ]
  return (
    <>
      <p className="lead row-buttons">
        <select
          aria-label={words.order}
          value={by}
          onChange={(event) => setBy(REPLACEMENT_ORDERS.find((one) => one === event.target.value) ?? 'm3')}
        >
          {REPLACEMENT_ORDERS.map((one) => (
            <option key={one} value={one}>
              {words.orders[one]}
            </option>
          ))}
        </select>
        <How title={t.gap.tabs.replacements} value={lead} formula={words.formula}>
          {lead}
        </How>
      </p>
      <MeterTable caption={t.gap.tabs.replacements} rows={value} columns={columns} />
      {value.some((row) => row.yuan_assumed) ? <p className="lead">{words.assumed}</p> : null}
    </>
  )
}
