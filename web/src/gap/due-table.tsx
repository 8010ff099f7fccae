import type { MeterDue, MetersHealth } from '@gastwin/server/contract'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { type MeterColumn, MeterLink, MeterTable } from './meter-table.tsx'
import { printDate } from './print-span.ts'
import { saveFile } from './save-file.ts'
import { useDue } from './use-gap.ts'

/** Meters of a zone to visit within a year: batteries and ages, the most urgent first. */
export function DueTable({ zone }: { readonly zone: string }) {
  const t = useText()
  const timeZone = useTimeZone()
  const { value, failure, retry } = useDue(zone)
  const words = t.gap.due
  if (value === undefined)
    return failure === undefined ? <Loading what={words.waiting} /> : <Problem failure={failure} onRetry={retry} />
  if (value.items.length === 0) return <p className="empty">{value.stated_at === null ? words.notYet : words.none}</p>
  const columns: readonly MeterColumn<MeterDue>[] = [
    { head: words.date, look: 'nowrap', cell: (row) => printDate(row.due_at, timeZone) },
    { head: t.gap.suspects.meter, cell: ({ meter }) => <MeterLink meter={meter} /> },
    {
      head: words.reason,
      cell: ({ reasons }) => reasons.map(({ reason }) => wordFor(words.reasons, reason)).join(' · '),
    },
    { head: words.age, look: 'number', cell: ({ age_years: age }) => (age === null ? NONE : printNumber(age, 1)) },
    {
      head: words.volt,
      look: 'number',
      cell: ({ battery }) => (battery === null ? NONE : printNumber(battery.volt, 2)),
    },
    { head: words.left, look: 'number nowrap', cell: leftOf },
    {
      head: words.perDay,
      look: 'number detail',
      cell: ({ battery }) => (battery === null ? NONE : printNumber(battery.reports_per_day, 1)),
    },
  ]
  return (
    <>
      <p className="lead row-buttons">
        <span>{words.lead(printNumber(value.items.length), printNumber(value.total))}</span>
        <button
          type="button"
          onClick={() => saveFile(`due_${zone}.csv`, dueCsv(value, timeZone), 'text/csv;charset=utf-8')}
        >
          {words.save}
        </button>
      </p>
      <MeterTable caption={t.gap.tabs.due} rows={value.items} columns={columns} />
    </>
  )
}

function leftOf({ battery }: MeterDue): string {
  const left = battery?.years_left
  return left === undefined || left === null
    ? NONE
    : `${printNumber(left.p50, 1)} (${printNumber(left.p05, 1)} – ${printNumber(left.p95, 1)})`
}

/** The list as a table for the workshop; names of columns are those of the API. */
export function dueCsv({ items }: MetersHealth, timeZone: string): string {
  const head = 'due,meter,device,zone,reasons,age_years,volt,years_left_p05,years_left_p50,years_left_p95'
  const lines = items.map(({ due_at, meter, device, zone, reasons, age_years, battery }) =>
    [
      printDate(due_at, timeZone),
      ...[meter, device, zone, reasons.map(({ reason }) => reason).join(' ')],
      age_years === null ? '' : age_years.toFixed(1),
      battery === null ? '' : battery.volt.toFixed(3),
      ...(['p05', 'p50', 'p95'] as const).map((p) => battery?.years_left?.[p].toFixed(2) ?? ''),
    ].join(','),
  )
  return `\ufeff${[head, ...lines].join('\r\n')}\r\n`
}
