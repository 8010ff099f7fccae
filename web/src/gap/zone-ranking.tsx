import { type KeyboardEvent, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useZoneName } from '../app/use-zones.ts'
import { NONE, printNumber, printPercent, printSigned } from '../format/numbers.ts'
import { useSlice } from '../state/store.ts'
import type { Dictionary } from '../text/en/index.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import { MiniGraph } from './mini-graph.tsx'
import { RANK_KEYS, type RankKey, sortRows, type ZoneRow } from './zone-order.ts'

interface ZoneRankingProps {
  readonly rows: readonly ZoneRow[]
  readonly zone: string | undefined
  readonly target: number
}

/** Zones, the one where most can be won first; each column sorts. */
export function ZoneRanking({ rows, zone, target }: ZoneRankingProps) {
  const t = useText()
  const { selection } = useConsole()
  const [sort, setSort] = useState<{ readonly key: RankKey; readonly down: boolean }>({ key: 'rank', down: false })
  const sorted = sortRows(rows, sort.key, sort.down)
  const rates = rows.flatMap((row) => row.course).filter((rate) => rate !== null)
  const low = Math.min(0, ...rates)
  const high = Math.max(target * 1.2, ...rates)
  const choose = (id: string) => selection.select({ kind: 'zone', id })
  const move = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    const at = sorted.findIndex((row) => row.zone === zone)
    const next = nextRow(event.key, at, sorted.length)
    const row = next === undefined ? undefined : sorted[next]
    if (row === undefined) return
    event.preventDefault()
    choose(row.zone)
    event.currentTarget.querySelector<HTMLElement>(`[data-zone="${CSS.escape(row.zone)}"]`)?.focus()
  }
  return (
    <table className="zone-ranking" id="zone-ranking">
      <caption className="visually-hidden">{t.gap.ranking}</caption>
      <thead>
        <tr>
          {RANK_KEYS.map((key) => (
            <th
              key={key}
              scope="col"
              className={key === 'zone' || key === 'course' ? key : `number ${key}`}
              aria-sort={sort.key === key ? (sort.down ? 'descending' : 'ascending') : 'none'}
            >
              <button
                type="button"
                className="sort"
                title={hintOf(key, t, target)}
                onClick={() => setSort({ key, down: sort.key === key ? !sort.down : key !== 'zone' && key !== 'rank' })}
              >
                {t.gap.columns[key]}
                <span aria-hidden="true">{sort.key === key ? (sort.down ? ' ▾' : ' ▴') : ''}</span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody onKeyDown={move}>
        {sorted.map((row, i) => (
          <Row
            key={row.zone}
            row={row}
            chosen={row.zone === zone}
            stop={row.zone === zone || (i === 0 && !sorted.some((r) => r.zone === zone))}
            target={target}
            low={low}
            high={high}
            onChoose={() => choose(row.zone)}
          />
        ))}
      </tbody>
    </table>
  )
}

function nextRow(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, at + 1)
    case 'ArrowUp':
      return Math.max(0, at - 1)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

function hintOf(key: RankKey, t: Dictionary, target: number): string {
  const { columns } = t.gap
  const sort = t.gap.sortHint(columns[key])
  switch (key) {
    case 'rank':
      return t.gap.rankHint
    case 'explained':
      return `${columns.explainedHint} · ${sort}`
    case 'days':
      return `${columns.daysHint(printPercent(target))} · ${sort}`
    case 'confidence':
      return `${columns.confidenceHint} · ${sort}`
    default:
      return sort
  }
}

interface RowProps {
  readonly row: ZoneRow
  readonly chosen: boolean
  readonly stop: boolean
  readonly target: number
  readonly low: number
  readonly high: number
  readonly onChoose: () => void
}

function Row({ row, chosen, stop, target, low, high, onChoose }: RowProps) {
  const t = useText()
  const zoneName = useZoneName()
  const language = useSlice(useConsole().language, (l) => l)
  const { zone, statement, volume, explained, confidence, daysAbove, course } = row
  const { columns, how } = t.gap
  const name = zoneName(zone)
  const rate = statement.gap_rate === null ? NONE : printSigned(statement.gap_rate * 100)
  const stated = course.filter((r) => r !== null)
  const last = course.findLast((r) => r !== null)
  const tabIndex = chosen ? 0 : -1
  const range =
    explained === null ? t.gap.noSupply.short : `${printNumber(explained.p05)} – ${printNumber(explained.p95)}`
  const sure = confidence === null ? NONE : `${printPercent(confidence, 0)} %`
  return (
    <tr className={chosen ? 'chosen' : undefined} aria-selected={chosen} onClick={onChoose}>
      <td className="number rank">{row.rank}</td>
      <th scope="row" className="zone" lang={language}>
        <button
          type="button"
          className="zone-name"
          data-zone={zone}
          title={name}
          aria-pressed={chosen}
          tabIndex={stop ? 0 : -1}
          onClick={onChoose}
        >
          <b className="id">{zone}</b> <span className="cut">{name.slice(zone.length).trim()}</span>
        </button>
      </th>
      <td className="number">
        <How
          title={`${columns.rate} · ${zone}`}
          value={`${rate} %`}
          formula={how.gapFormula}
          statement={statement}
          tabIndex={tabIndex}
        >
          {rate}
        </How>
      </td>
      <td className="number">
        <How
          title={`${columns.volume} · ${zone}`}
          value={`${printSigned(volume, 0)} m³/d`}
          formula={how.volumeFormula}
          statement={statement}
          tabIndex={tabIndex}
        >
          {printNumber(volume)}
        </How>
      </td>
      <td className="number">
        <How
          title={`${columns.explained} · ${zone}`}
          value={range}
          formula={how.explainedFormula}
          more={[[how.interval, how.ninety]]}
          statement={statement}
          tabIndex={tabIndex}
        >
          {range}
        </How>
      </td>
      <td className="number">
        <How
          title={`${columns.daysHint(printPercent(target))} · ${zone}`}
          value={`${daysAbove} / ${stated.length}`}
          formula={how.daysFormula}
          tabIndex={tabIndex}
        >
          {daysAbove}
          <span className="second"> / {stated.length}</span>
        </How>
      </td>
      <td className="number">
        <How
          title={`${columns.confidence} · ${zone}`}
          value={sure}
          formula={how.confidenceFormula}
          statement={statement}
          tabIndex={tabIndex}
        >
          {sure}
        </How>
      </td>
      <td className="course">
        <MiniGraph
          rates={course}
          target={target}
          low={low}
          high={high}
          label={t.gap.courseLabel(name, last === undefined ? NONE : printPercent(last), printNumber(daysAbove))}
        />
      </td>
    </tr>
  )
}
