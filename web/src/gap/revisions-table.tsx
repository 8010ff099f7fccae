import { useState } from 'react'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber, printSigned } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import { printSpan } from './print-span.ts'
import { useRevisions } from './use-gap.ts'

/** What late readings and leaks changed in periods that had been stated. */
export function RevisionsTable({ zone }: { readonly zone: string | undefined }) {
  const t = useText()
  const timeZone = useTimeZone()
  const zoneName = useZoneName()
  const [all, setAll] = useState(false)
  const { value, failure, retry } = useRevisions()
  const words = t.gap.revisions
  if (value === undefined)
    return failure === undefined ? <Loading what={words.waiting} /> : <Problem failure={failure} onRetry={retry} />
  const shown = [...value].filter((r) => all || r.zone === zone).sort((a, b) => b.at - a.at)
  return (
    <>
      <div className="lead row-buttons">
        <button type="button" aria-pressed={!all} onClick={() => setAll(false)}>
          {words.thisZone}
        </button>
        <button type="button" aria-pressed={all} onClick={() => setAll(true)}>
          {words.allZones}
        </button>
        <How title={t.gap.tabs.revisions} value={printNumber(shown.length)} formula={t.gap.how.gapFormula}>
          {words.lead}
        </How>
      </div>
      {shown.length === 0 ? (
        <p className="empty">{words.none}</p>
      ) : (
        <table className="suspects">
          <caption className="visually-hidden">{t.gap.tabs.revisions}</caption>
          <thead>
            <tr>
              <th scope="col">{words.at}</th>
              <th scope="col">{t.gap.columns.zone}</th>
              <th scope="col">{words.period}</th>
              <th scope="col" className="number">
                {words.revision}
              </th>
              <th scope="col" className="number">
                {words.supply}
              </th>
              <th scope="col" className="number">
                {words.sales}
              </th>
              <th scope="col" className="number">
                {words.gap}
              </th>
              <th scope="col" className="number">
                {words.leak}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((r) => (
              <tr key={`${r.zone}/${r.from}/${r.to}/${r.revision}`}>
                <td className="nowrap">{printInstant(r.at, timeZone)}</td>
                <td className="nowrap">{zoneName(r.zone)}</td>
                <td className="nowrap">{printSpan(r.from, r.to, timeZone)}</td>
                <td className="number">{printNumber(r.revision)}</td>
                <td className="number">{printSigned(r.supply_change_m3)}</td>
                <td className="number">{printSigned(r.sales_change_m3)}</td>
                <td className="number">{printSigned(r.gap_change_m3)}</td>
                <td className="number">{printSigned(r.leak_change_m3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
