import type { GapStatement, Suspects } from '@gastwin/server/contract'
import { useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printMeasure, printNumber, printPercent } from '../format/numbers.ts'
import { useSlice } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { caseWords } from './case-part.tsx'
import { How } from './how-computed.tsx'
import { printDate } from './print-span.ts'
import {
  type RankedSuspect,
  SUSPECT_KEYS,
  type SuspectKey,
  type SuspectSum,
  sortSuspects,
  suspectSums,
} from './suspect-figures.ts'
import type { Loaded } from './use-gap.ts'

interface SuspectsTableProps {
  readonly loaded: Loaded<Suspects>
  readonly ranked: readonly RankedSuspect[]
  readonly statement: GapStatement | undefined
}

/** Columns marked `detail` give way when the evidence stands beside a narrow table. */
const CLASS_OF: Readonly<Record<SuspectKey, string>> = {
  kind: '',
  meter: '',
  volume: 'number',
  probability: '',
  since: 'detail',
  worth: 'number detail',
  evidence: 'detail',
}

/** Meters to look at first, and how much of the share they would explain. */
export function SuspectsTable({ loaded, ranked, statement }: SuspectsTableProps) {
  const t = useText()
  const { selection } = useConsole()
  const meter = useSlice(selection, (s) => (s?.kind === 'meter' ? s.id : undefined))
  const [sort, setSort] = useState<{ readonly key: SuspectKey; readonly down: boolean }>({
    key: 'probability',
    down: true,
  })
  const { value, failure, retry } = loaded
  if (value === undefined)
    return failure === undefined ? (
      <Loading what={t.gap.suspects.waiting} />
    ) : (
      <Problem failure={failure} onRetry={retry} />
    )
  if (ranked.length === 0)
    return <p className="empty">{value.stated_at === null ? t.gap.suspects.notYet : t.gap.suspects.none}</p>
  const words = {
    kind: t.gap.suspects.kind,
    meter: t.gap.suspects.meter,
    volume: t.gap.suspects.volume,
    probability: t.gap.suspects.probability,
    since: t.gap.suspects.since,
    worth: t.gap.suspects.worth,
    evidence: t.gap.suspects.evidence,
  }
  return (
    <>
      {failure === undefined ? null : <Problem failure={failure} onRetry={retry} />}
      <div className="suspect-sums">
        {(statement === undefined ? [] : suspectSums(ranked, statement)).map((sum) => (
          <Sum key={sum.share} sum={sum} statement={statement} />
        ))}
        {value.total > ranked.length ? (
          <span className="second">{t.gap.suspects.more(printNumber(ranked.length), printNumber(value.total))}</span>
        ) : null}
      </div>
      <table className="suspects">
        <caption className="visually-hidden">{t.gap.tabs.suspects}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              #
            </th>
            {SUSPECT_KEYS.map((key) => (
              <th
                key={key}
                scope="col"
                className={CLASS_OF[key]}
                aria-sort={sort.key === key ? (sort.down ? 'descending' : 'ascending') : 'none'}
              >
                <button
                  type="button"
                  className="sort"
                  title={t.gap.sortHint(words[key])}
                  onClick={() =>
                    setSort({ key, down: sort.key === key ? !sort.down : key !== 'kind' && key !== 'meter' })
                  }
                >
                  {words[key]}
                  <span aria-hidden="true">{sort.key === key ? (sort.down ? ' ▾' : ' ▴') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sortSuspects(ranked, sort.key, sort.down).map((suspect) => (
            <Row key={suspect.meter} suspect={suspect} chosen={suspect.meter === meter} />
          ))}
        </tbody>
      </table>
    </>
  )
}

function Sum({ sum, statement }: { readonly sum: SuspectSum; readonly statement: GapStatement | undefined }) {
  const t = useText()
  const { against, ofShare, perDay, beyond } = t.gap.suspects
  const share = t.gap.shares[sum.share]
  return (
    <span>
      <span className="second">{against(share, printNumber(sum.count))}</span>{' '}
      <How
        title={against(share, printNumber(sum.count))}
        value={`${printMeasure(sum.expected)} ${perDay}`}
        formula={t.gap.how.weightedFormula}
        {...(statement === undefined ? {} : { statement })}
      >
        {printMeasure(sum.expected)}
      </How>{' '}
      <span className="second">
        {ofShare} {printMeasure(sum.p50)} ({printMeasure(sum.p05)} – {printMeasure(sum.p95)}) {perDay}
        {sum.expected > sum.p95 ? ` · ${beyond}` : ''}
      </span>
    </span>
  )
}

function Row({ suspect, chosen }: { readonly suspect: RankedSuspect; readonly chosen: boolean }) {
  const t = useText()
  const zone = useTimeZone()
  const { selection } = useConsole()
  const { meter, kind, probability, m3_per_day, since, yuan_per_month, facts, rank, also, case: known } = suspect
  const words = t.gap.suspects
  const open = () => selection.select({ kind: 'meter', id: meter }, { fly: true })
  const volume =
    m3_per_day === null
      ? words.untold
      : `${printMeasure(m3_per_day.p50)} (${printMeasure(m3_per_day.p05)} – ${printMeasure(m3_per_day.p95)})`
  return (
    <tr className={chosen ? 'chosen' : undefined} aria-selected={chosen} onClick={open}>
      <td className="number rank">{rank}</td>
      <td className="nowrap">
        {wordFor(words.kinds, kind)}
        {also.length === 0 ? null : (
          <span className="second" title={also.map((one) => wordFor(words.kinds, one.kind)).join(' · ')}>
            {' '}
            +{also.length}
          </span>
        )}
        {known.state === 'new' && !known.again ? null : <span className="tag">{caseWords(known, t)}</span>}
      </td>
      <td>
        <button type="button" className="link id" aria-current={chosen} onClick={open}>
          {meter}
        </button>
      </td>
      <td className="number">
        {m3_per_day === null ? (
          <span className="second">{volume}</span>
        ) : (
          <How
            title={`${words.volume} · ${meter}`}
            value={volume}
            formula={t.gap.how.suspectVolume}
            more={[[t.gap.how.interval, t.gap.how.ninety]]}
          >
            {printMeasure(m3_per_day.p50)}{' '}
            <span className="second detail">
              ({printMeasure(m3_per_day.p05)} – {printMeasure(m3_per_day.p95)})
            </span>
          </How>
        )}
      </td>
      <td className="nowrap">
        <span className="bar-of quiet" aria-hidden="true">
          <i style={{ width: `${Math.min(100, probability * 100)}%` }} />
        </span>{' '}
        <How
          title={`${words.probability} · ${meter}`}
          value={`${printPercent(probability, 0)} %`}
          formula={t.gap.how.probabilityFormula}
        >
          {printPercent(probability, 0)} %
        </How>
      </td>
      <td className="nowrap detail">{since === null ? NONE : printDate(since, zone)}</td>
      <td className="number detail">
        {yuan_per_month === null ? (
          NONE
        ) : (
          <How title={`${words.worth} · ${meter}`} value={printNumber(yuan_per_month)} formula={t.gap.how.yuanFormula}>
            {printNumber(yuan_per_month)}
          </How>
        )}
      </td>
      <td className="detail">
        <button type="button" className="link nowrap" aria-expanded={chosen} onClick={open}>
          {words.facts(printNumber(facts.length))}
        </button>
      </td>
    </tr>
  )
}
