import type { GapLedger, GapStatement } from '@gastwin/server/contract'
import type { ReactNode } from 'react'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber, printPercent } from '../format/numbers.ts'
import { printDuration, printInstant } from '../format/time.ts'
import { useText } from '../text/use-text.ts'
import { printDate } from './print-span.ts'
import { saveFile } from './save-file.ts'
import { statementCsv } from './statement-csv.ts'
import type { Loaded } from './use-gap.ts'

/** A day is whole in the morning after it: when the last one ended longer ago than this, ms of event time, the ledger lags. */
const OLD_MS = 36 * 3_600_000

/** Waiting, failed, old: what is wrong with the statement itself. */
export function LedgerState({ loaded }: { readonly loaded: Loaded<GapLedger> }) {
  const t = useText()
  const now = useNow(5000)
  const { value, failure, retry } = loaded
  const end = value?.data_to ?? null
  const age = end === null ? 0 : now - end
  if (value === undefined)
    return failure === undefined ? <Loading what={t.gap.ledger} /> : <Problem failure={failure} onRetry={retry} />
  const lines: ReactNode[] = []
  if (value.state !== 'stated') {
    lines.push(<p key="state">{value.state === 'waiting' ? t.gap.waiting : t.gap.failed}</p>)
    if (value.why !== null)
      lines.push(
        <p key="why" className="second">
          <Why ledger={value} />
        </p>,
      )
    if (value.items.length > 0) lines.push(<p key="last">{t.gap.lastStated}</p>)
  } else if (value.items.length === 0) lines.push(<p key="none">{t.gap.noneOfLength}</p>)
  if (value.items.length > 0 && age > OLD_MS)
    lines.push(<p key="old">{t.gap.old(printDuration(age, t.frame.units))}</p>)
  return (
    <>
      {failure === undefined ? null : <Problem failure={failure} onRetry={retry} />}
      {value.state !== 'stated' || value.why === null ? null : (
        <p className="ledger-note second">
          <Why ledger={value} />
        </p>
      )}
      {lines.length === 0 ? null : (
        <div className="problem" role="status">
          {lines}
        </div>
      )}
    </>
  )
}

/** Why nothing is stated, or what the data is too short for; a failure in the service's own words. */
function Why({ ledger: { reason, why } }: { readonly ledger: GapLedger }) {
  const t = useText()
  const timeZone = useTimeZone()
  const words = t.gap.reasons
  switch (reason?.code) {
    case undefined:
      return (
        <>
          {t.gap.serviceSays} <q lang="en">{why}</q>
        </>
      )
    case 'starting':
      return words.starting
    case 'no_meters':
      return words.no_meters
    case 'few_heard':
      return words.few_heard(printNumber(reason.heard), printNumber(reason.of))
    case 'first_day':
      return words.first_day(printInstant(reason.until, timeZone))
    case 'first_nights':
      return words.first_nights(printPercent(reason.share, 0))
    case 'short':
      return words.short(printNumber(reason.days), printNumber(reason.needed))
  }
}

/** How old the statement is and what it rests on; the way out as a table. */
export function LedgerFoot({
  ledger,
  statements,
}: {
  readonly ledger: GapLedger | undefined
  readonly statements: readonly GapStatement[]
}) {
  const t = useText()
  const now = useNow(5000)
  const timeZone = useTimeZone()
  const zoneName = useZoneName()
  const first = statements[0]
  const nameOf = (id: string) => zoneName(id).slice(id.length).trim()
  return (
    <div className="foot">
      <span className="cut">
        {ledger?.stated_at === null || ledger === undefined
          ? ''
          : t.gap.statedAgo(printDuration(Math.max(0, now - ledger.stated_at), t.frame.units))}
        {ledger?.data_from == null || ledger.data_to === null
          ? ''
          : ` · ${t.gap.dataFrom(printDate(ledger.data_from, timeZone), printDate(ledger.data_to - 1, timeZone))}`}
      </span>
      <span className="spring" />
      <button
        type="button"
        title={t.gap.export.statementHint}
        disabled={first === undefined}
        onClick={() => {
          if (first === undefined) return
          const days = `${printDate(first.from, timeZone)}_${printDate(first.to - 1, timeZone)}`
          saveFile(`gap_${days}.csv`, statementCsv(statements, nameOf, timeZone), 'text/csv;charset=utf-8')
        }}
      >
        {t.gap.export.statement}
      </button>
    </div>
  )
}
