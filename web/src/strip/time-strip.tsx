import type { Strip } from '@gastwin/server/contract'
import { useEffect, useMemo, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printDuration, printTime } from '../format/time.ts'
import { useSlice } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { PlotView } from './plot-view.tsx'

const HOURS = 24
const RENEW_MS = 15_000
const HOUR_MS = 3_600_000

/** Supply, estimated sales and the gap between them, the whole city or the selected zone. */
export function TimeStrip() {
  const t = useText()
  const { selection } = useConsole()
  const zone = useSlice(selection, (s) => (s?.kind === 'zone' ? s.id : undefined))
  const zoneName = useZoneName()
  const { strip, failure, retry } = useStrip(zone)
  return (
    <section className="strip" aria-labelledby="strip-title">
      <div className="keys">
        <h2 id="strip-title">
          {t.strip.region} · {zone === undefined ? t.strip.city : zoneName(zone)}
        </h2>
        <span>{t.strip.unit}</span>
        <Key text={t.strip.supply} color="#d7dce0" />
        <Key text={t.strip.sales} color="#a9b2ba" dashed />
        <span className="key">
          <span
            className="swatch"
            style={{ width: 16, height: 10, background: '#a08a6880', border: '1px solid #5c656d' }}
          />
          {t.strip.gap}
        </span>
        {strip === undefined ? null : <span>{t.strip.step(printDuration(strip.step_ms, t.frame.units))}</span>}
      </div>
      {failure === undefined ? null : <Problem failure={failure} onRetry={retry} />}
      {strip !== undefined ? (
        strip.points.length === 0 ? (
          <p className="empty">{t.strip.empty}</p>
        ) : (
          <StripPlot strip={strip} />
        )
      ) : failure === undefined ? (
        <Loading what={t.frame.things.strip} />
      ) : null}
    </section>
  )
}

function Key({
  text,
  color,
  dashed = false,
}: {
  readonly text: string
  readonly color: string
  readonly dashed?: boolean
}) {
  return (
    <span className="key">
      <svg width="20" height="8" aria-hidden="true">
        <line
          x1="0"
          y1="4"
          x2="20"
          y2="4"
          stroke={color}
          strokeWidth="2"
          strokeDasharray={dashed ? '5 3' : undefined}
        />
      </svg>
      {text}
    </span>
  )
}

function StripPlot({ strip }: { readonly strip: Strip }) {
  const t = useText()
  const zone = useTimeZone()
  const spec = useMemo(() => {
    const perHour = HOUR_MS / strip.step_ms
    const rate = (m3: number | null) => (m3 === null ? null : m3 * perHour)
    return {
      at: strip.points.map((p) => p.at),
      lines: [
        { label: t.strip.supply, color: '#d7dce0', values: strip.points.map((p) => rate(p.supply_m3)) },
        {
          label: t.strip.sales,
          color: '#a9b2ba',
          dash: [5, 3] as const,
          values: strip.points.map((p) => rate(p.sales_estimate_m3)),
        },
      ],
      bands: [{ first: 0, second: 1, fill: '#a08a6890' }],
      unit: 'm³/h',
      zone,
      from: strip.from,
      to: strip.to,
    }
  }, [strip, t, zone])
  return (
    <>
      <PlotView
        spec={spec}
        label={`${t.strip.region}: ${t.strip.supply}, ${t.strip.sales}, ${t.strip.unit}`}
        failed={t.strip.failed}
        className="strip-plot"
      />
      <StripTable strip={strip} zone={zone} />
    </>
  )
}

/** The chart for those who cannot see it: one row an hour. */
function StripTable({ strip, zone }: { readonly strip: Strip; readonly zone: string }) {
  const t = useText()
  const every = Math.max(1, Math.round(HOUR_MS / strip.step_ms))
  const hours = strip.points.filter((_, i) => i % every === 0)
  const perHour = HOUR_MS / strip.step_ms
  return (
    <table className="visually-hidden">
      <caption>
        {t.strip.table}, {t.strip.unit}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t.strip.time}</th>
          <th scope="col">{t.strip.supply}</th>
          <th scope="col">{t.strip.sales}</th>
        </tr>
      </thead>
      <tbody>
        {hours.map((p) => (
          <tr key={p.at}>
            <td>{printTime(p.at, zone)}</td>
            <td>{printNumber(p.supply_m3 === null ? null : p.supply_m3 * perHour)}</td>
            <td>{printNumber(p.sales_estimate_m3 === null ? null : p.sales_estimate_m3 * perHour)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function useStrip(zone: string | undefined) {
  const { api, link } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const [loaded, setLoaded] = useState<{ readonly zone: string | undefined; readonly strip: Strip }>()
  const [failure, setFailure] = useState<Failure>()
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry is a turn of its own
  useEffect(() => {
    if (!live) return
    let gone = false
    const load = async () => {
      const answer = await api.strip(HOURS, zone)
      if (gone) return
      setFailure(answer.ok ? undefined : answer.failure)
      if (answer.ok) setLoaded({ zone, strip: answer.value })
    }
    void load()
    const timer = setInterval(() => void load(), RENEW_MS)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [api, live, zone, turn])
  return { strip: loaded?.zone === zone ? loaded?.strip : undefined, failure, retry: () => setTurn((n) => n + 1) }
}
