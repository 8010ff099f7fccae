import type { SafetyMode, ZonePeriod, ZoneSummary } from '@gastwin/server/contract'
import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useZoneName } from '../app/use-zones.ts'
import { NONE, printNumber, printPercent, printSigned } from '../format/numbers.ts'
import { printQuantity } from '../format/quantity.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'

/** In the order of how much happens without a person. */
const MODES: readonly SafetyMode[] = ['automatic', 'approval', 'dry_run']

/** A zone: what goes in, what is sold, what is missing, and how it may be shut. */
export function ZonePanel({ id }: { readonly id: string }) {
  const t = useText()
  const model = useConsole()
  const zoneName = useZoneName()
  const zone = useStore(model.zones)?.get(id)
  return (
    <>
      <div className="title-row">
        <h3>
          {t.assets.kinds['zone']} {zoneName(id)}
        </h3>
        <button
          type="button"
          className="link"
          onClick={() => model.selection.select({ kind: 'zone', id }, { fly: true })}
        >
          {t.assets.showOnMap}
        </button>
      </div>
      {zone === undefined ? <Loading what={t.frame.things.zones} /> : <ZoneFacts zone={zone} />}
    </>
  )
}

function ZoneFacts({ zone }: { readonly zone: ZoneSummary }) {
  const t = useText()
  const words = t.frame.units
  const low = zone.lowest_pressure_pa
  return (
    <>
      <dl className="facts">
        <dt>{t.kpi.supply}</dt>
        <dd>{printQuantity(zone.supply_m3_s, 'm3/s', words)}</dd>
        <dt>{t.zones.salesEstimate}</dt>
        <dd>{printQuantity(zone.sales_estimate_m3_s, 'm3/s', words)}</dd>
        <dt>{t.zones.lowestPressure}</dt>
        <dd>
          {low !== null && zone.min_pressure_pa !== null && low < zone.min_pressure_pa ? '▼ ' : ''}
          {printQuantity(low, 'Pa', words)}
          {zone.min_pressure_pa === null
            ? ''
            : ` (${t.alarms.limit(printQuantity(zone.min_pressure_pa, 'Pa', words))})`}
          {zone.lowest_pressure_at === null ? '' : ` · ${zone.lowest_pressure_at}`}
        </dd>
        <dt>{t.zones.meters}</dt>
        <dd>{printNumber(zone.meters)}</dd>
      </dl>
      <Balance yesterday={zone.yesterday} last24h={zone.last_24h} />
      <Mode zone={zone} />
    </>
  )
}

function Balance({
  yesterday,
  last24h,
}: {
  readonly yesterday: ZonePeriod | null
  readonly last24h: ZonePeriod | null
}) {
  const t = useText()
  if (yesterday === null && last24h === null) return <p className="second">{t.zones.noPeriod}</p>
  const rows: readonly (readonly [string, (p: ZonePeriod) => string])[] = [
    [t.zones.supply, (p) => printNumber(p.supply_m3)],
    [t.zones.sales, (p) => printNumber(p.sales_m3)],
    [t.zones.linepack, (p) => printSigned(p.linepack_change_m3, 0)],
    [t.zones.ownUse, (p) => printNumber(p.own_use_m3)],
    [t.zones.gap, (p) => (isMeasured(p) ? printSigned(p.gap_m3, 0) : t.gap.noSupply.short)],
    [t.zones.gapRate, (p) => (isMeasured(p) && p.gap_rate !== null ? `${printSigned(p.gap_rate * 100)} %` : NONE)],
    [t.zones.temperaturePressure, (p) => printSigned(p.temperature_pressure_m3, 0)],
    [t.zones.unread, (p) => printSigned(p.unread_m3, 0)],
    [t.zones.unreadMeters, (p) => `${printNumber(p.unread_meters)} / ${printNumber(p.meters)}`],
    [t.zones.inlets, (p) => `${printPercent(p.inlet_coverage, 0)} %`],
  ]
  const cell = (p: ZonePeriod | null, print: (p: ZonePeriod) => string) => (p === null ? NONE : print(p))
  return (
    <div>
      <table>
        <caption className="visually-hidden">{t.zones.balance}</caption>
        <thead>
          <tr>
            <th scope="col">{t.zones.balance}, m³</th>
            <th scope="col" className="number">
              {t.zones.yesterday}
            </th>
            <th scope="col" className="number">
              {t.zones.last24h}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, print]) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="number">{cell(yesterday, print)}</td>
              <td className="number">{cell(last24h, print)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>{t.zones.howComputed}</summary>
        <p className="second">{t.zones.formula}</p>
      </details>
    </div>
  )
}

/** Inlets that were not heard would make a gap of what was sold. */
const LEAST_COVERAGE = 0.95
const isMeasured = (p: ZonePeriod) => p.inlet_coverage >= LEAST_COVERAGE

/** Automatic, by approval, or dry run: changed only by those who answer for it. */
function Mode({ zone }: { readonly zone: ZoneSummary }) {
  const t = useText()
  const model = useConsole()
  const role = useSlice(model.session, (s) => s?.role)
  const live = useSlice(model.link, (l) => l.phase === 'live')
  const [mode, setMode] = useState<SafetyMode>(zone.safety_mode)
  const [failure, setFailure] = useState<Failure>()
  const may = role === 'safety' || role === 'admin'
  const change = async () => {
    const answer = await model.api.setSafetyMode(zone.id, mode)
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) model.zones.change((old) => new Map(old).set(zone.id, { ...zone, safety_mode: answer.value.mode }))
  }
  return (
    <section className="card" aria-label={t.zones.safetyMode}>
      <div className="title-row">
        <h3>{t.zones.safetyMode}</h3>
        <span className="tag">{t.zones.modeShort[zone.safety_mode]}</span>
      </div>
      <p>{t.zones.safetyModes[zone.safety_mode]}</p>
      {may ? (
        <div className="row-buttons">
          <select
            aria-label={t.zones.safetyMode}
            value={mode}
            onChange={(event) => setMode(event.target.value as SafetyMode)}
          >
            {MODES.map((m) => (
              <option key={m} value={m}>
                {t.zones.modeShort[m]}
              </option>
            ))}
          </select>
          <button type="button" disabled={!live || mode === zone.safety_mode} onClick={() => void change()}>
            {t.zones.changeMode}
          </button>
        </div>
      ) : (
        <p className="second">{t.zones.modeNeedsRole}</p>
      )}
      {failure === undefined ? null : <Problem failure={failure} />}
    </section>
  )
}
