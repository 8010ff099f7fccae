import type { Series } from '@gastwin/server/contract'
import { useEffect, useMemo, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { printMeasure } from '../format/numbers.ts'
import { screenUnit, unitOfQuantity } from '../format/quantity.ts'
import { printInstant } from '../format/time.ts'
import { useSlice } from '../state/store.ts'
import { PlotView } from '../strip/plot-view.tsx'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'

const HOUR = 3_600_000
const RANGES = { '1h': HOUR, '6h': 6 * HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR } as const
type Range = keyof typeof RANGES
const RANGE_NAMES = Object.keys(RANGES) as readonly Range[]
const POINTS = 600
const RENEW_MS = 15_000

interface SeriesPanelProps {
  readonly device: string
  readonly quantities: readonly string[]
}

export function SeriesPanel({ device, quantities }: SeriesPanelProps) {
  const t = useText()
  const [wanted, setQuantity] = useState(quantities[0] ?? '')
  const [range, setRange] = useState<Range>('24h')
  const quantity = quantities.includes(wanted) ? wanted : (quantities[0] ?? '')
  const { series, failure, retry } = useSeries(device, quantity, RANGES[range])
  return (
    <section aria-label={t.series.title}>
      <div className="series-tools">
        <select aria-label={t.series.quantity} value={quantity} onChange={(event) => setQuantity(event.target.value)}>
          {quantities.map((q) => (
            <option key={q} value={q}>
              {wordFor(t.series.quantities, q)}
            </option>
          ))}
        </select>
        {RANGE_NAMES.map((name) => (
          <button key={name} type="button" aria-pressed={name === range} onClick={() => setRange(name)}>
            {t.series.ranges[name]}
          </button>
        ))}
      </div>
      {failure === undefined ? null : <Problem failure={failure} onRetry={retry} />}
      {series === undefined ? (
        failure === undefined ? (
          <Loading what={t.frame.things.series} />
        ) : null
      ) : (
        <SeriesPlot series={series} />
      )}
    </section>
  )
}

function SeriesPlot({ series }: { readonly series: Series }) {
  const t = useText()
  const zone = useTimeZone()
  const { hint } = unitOfQuantity(series.quantity)
  const { unit, convert } = useMemo(() => screenUnit(series.unit, hint), [series.unit, hint])
  const label = wordFor(t.series.quantities, series.quantity)
  const spec = useMemo(() => {
    const shown = (values: readonly (number | null)[]) => values.map((v) => (v === null ? null : convert(v)))
    return {
      at: series.at,
      lines: [{ label, color: '#d7dce0', values: shown(series.value) }],
      bands: [],
      unit,
      zone,
      from: series.from,
      to: series.to,
    }
  }, [series, label, unit, convert, zone])
  if (series.at.length === 0) return <p className="empty">{t.series.empty}</p>
  return (
    <>
      <PlotView spec={spec} label={`${label}, ${unit}`} failed={t.series.failed} className="series" />
      <p className="second">
        {unit} · {t.series.resolutions[series.resolution]}
        {series.truncated ? ` · ${t.series.truncated}` : ''}
      </p>
      <details>
        <summary>{t.series.table}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls needs a keyboard */}
        <section className="scroll" tabIndex={0} aria-label={t.series.table}>
          <table>
            <tbody>
              {series.at.slice(-200).map((at, i, shown) => {
                const value = series.value[series.value.length - shown.length + i]
                return (
                  <tr key={at}>
                    <td className="nowrap">{printInstant(at, zone)}</td>
                    <td className="number">
                      {printMeasure(value === null || value === undefined ? null : convert(value))} {unit}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      </details>
    </>
  )
}

function useSeries(device: string, quantity: string, lengthMs: number) {
  const { api, clock, link } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const key = `${device}/${quantity}/${lengthMs}`
  const [known, setKnown] = useState<{ readonly key: string; readonly series: Series }>()
  const [failure, setFailure] = useState<Failure>()
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry is a turn of its own
  useEffect(() => {
    if (!live || quantity === '') return
    let gone = false
    const load = async () => {
      const to = clock.now()
      const answer = await api.series({ device, quantity, from: to - lengthMs, to, points: POINTS })
      if (gone) return
      setFailure(answer.ok ? undefined : answer.failure)
      if (answer.ok) setKnown({ key, series: answer.value })
    }
    void load()
    const timer = setInterval(() => void load(), RENEW_MS)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [api, clock, live, device, quantity, lengthMs, key, turn])
  return { series: known?.key === key ? known.series : undefined, failure, retry: () => setTurn((n) => n + 1) }
}
