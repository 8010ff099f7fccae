import type { MeterDue, MetersHealth } from '@gastwin/server/contract'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { useSlice } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { printDate } from './print-span.ts'
import { saveFile } from './save-file.ts'
import { useDue } from './use-gap.ts'

/** Meters of a zone to visit within a year: batteries and ages, the most urgent first. */
export function DueTable({ zone }: { readonly zone: string }) {
  const t = useText()
  const { selection } = useConsole()
  const timeZone = useTimeZone()
  const chosen = useSlice(selection, (s) => (s?.kind === 'meter' ? s.id : undefined))
  const { value, failure, retry } = useDue(zone)
  const words = t.gap.due
  if (value === undefined)
    return failure === undefined ? <Loading what={words.waiting} /> : <Problem failure={failure} onRetry={retry} />
  if (value.items.length === 0) return <p className="empty">{value.stated_at === null ? words.notYet : words.none}</p>
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
      <table className="suspects">
        <caption className="visually-hidden">{t.gap.tabs.due}</caption>
        <thead>
          <tr>
            <th scope="col">{words.date}</th>
            <th scope="col">{t.gap.suspects.meter}</th>
            <th scope="col">{words.reason}</th>
            <th scope="col" className="number">
              {words.age}
            </th>
            <th scope="col" className="number">
              {words.volt}
            </th>
            <th scope="col" className="number">
              {words.left}
            </th>
            <th scope="col" className="number detail">
              {words.perDay}
            </th>
          </tr>
        </thead>
        <tbody>
          {value.items.map((row) => (
            <tr key={row.meter} className={row.meter === chosen ? 'chosen' : undefined}>
              <td className="nowrap">{printDate(row.due_at, timeZone)}</td>
              <td>
                <button
                  type="button"
                  className="link id"
                  aria-current={row.meter === chosen}
                  onClick={() => selection.select({ kind: 'meter', id: row.meter }, { fly: true })}
                >
                  {row.meter}
                </button>
              </td>
              <td>{row.reasons.map(({ reason }) => wordFor(words.reasons, reason)).join(' · ')}</td>
              <td className="number">{row.age_years === null ? NONE : printNumber(row.age_years, 1)}</td>
              <td className="number">{row.battery === null ? NONE : printNumber(row.battery.volt, 2)}</td>
              <td className="number nowrap">{leftOf(row)}</td>
              <td className="number detail">
                {row.battery === null ? NONE : printNumber(row.battery.reports_per_day, 1)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
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
