import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { useSlice } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import { useReplacements } from './use-gap.ts'

/** The meters of the whole city whose replacement wins most per yuan. */
export function ReplacementsTable() {
  const t = useText()
  const zoneName = useZoneName()
  const { selection } = useConsole()
  const chosen = useSlice(selection, (s) => (s?.kind === 'meter' ? s.id : undefined))
  const { value, failure, retry } = useReplacements()
  const words = t.gap.replacements
  if (value === undefined)
    return failure === undefined ? <Loading what={words.waiting} /> : <Problem failure={failure} onRetry={retry} />
  if (value.length === 0) return <p className="empty">{words.none}</p>
  const sum = (of: 'yuan' | 'won_m3_per_year') => printNumber(value.reduce((s, row) => s + row[of], 0))
  const lead = words.lead(printNumber(value.length), sum('yuan'), sum('won_m3_per_year'))
  return (
    <>
      <p className="lead">
        <How title={t.gap.tabs.replacements} value={lead} formula={words.formula}>
          {lead}
        </How>
      </p>
      <table className="suspects">
        <caption className="visually-hidden">{t.gap.tabs.replacements}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              #
            </th>
            <th scope="col">{t.gap.suspects.meter}</th>
            <th scope="col">{t.gap.columns.zone}</th>
            <th scope="col">{words.reason}</th>
            <th scope="col" className="number">
              {words.age}
            </th>
            <th scope="col" className="number">
              {words.won}
            </th>
            <th scope="col" className="number">
              {words.cost}
            </th>
            <th scope="col" className="number">
              {words.ratio}
            </th>
          </tr>
        </thead>
        <tbody>
          {value.map((row, i) => (
            <tr key={row.meter} className={row.meter === chosen ? 'chosen' : undefined}>
              <td className="number rank">{i + 1}</td>
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
              <td className="nowrap">{zoneName(row.zone)}</td>
              <td className="nowrap">{wordFor(words.reasons, row.reason)}</td>
              <td className="number">{printNumber(row.age_years)}</td>
              <td className="number">{printNumber(row.won_m3_per_year)}</td>
              <td className="number">{printNumber(row.yuan)}</td>
              <td className="number">{printNumber(row.m3_per_yuan, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
