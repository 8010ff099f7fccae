import type { DeviceTwin } from '@gastwin/server/contract'
import { type ReactNode, useEffect, useState } from 'react'
import type { Answer, Api, Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printQuantity } from '../format/quantity.ts'
import { printDuration, printInstant } from '../format/time.ts'
import { useSlice } from '../state/store.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { SeriesPanel } from './series-panel.tsx'

const RENEW_MS = 5000
/** JJG 577: diaphragm meters of homes must be replaced after ten years. */
const METER_LIFE_YEARS = 10
const YEAR_MS = 365.25 * 86_400_000
/** A value older than this many ms of event time is marked: an RTU reports each minute, a home each day. */
const OLD_MS = { rtu: 5 * 60_000, valve: 26 * 3_600_000, meter: 26 * 3_600_000 }

interface DevicePanelProps {
  readonly kind: 'meter' | 'rtu' | 'valve'
  readonly asset: string
}

/** The twin of one device: each value with unit, age and quality. */
export function DevicePanel({ kind, asset }: DevicePanelProps) {
  const t = useText()
  const { twin, failure } = useTwin(kind, asset)
  if (failure !== undefined && twin === undefined) return <Problem failure={failure} />
  if (twin === undefined) return <Loading what={t.frame.things.device} />
  return (
    <>
      {failure === undefined ? null : <Problem failure={failure} />}
      <TwinFacts twin={twin} />
      {twin.quantities.length === 0 ? null : <SeriesPanel device={twin.number} quantities={twin.quantities} />}
    </>
  )
}

function TwinFacts({ twin }: { readonly twin: DeviceTwin }) {
  const t = useText()
  const zone = useTimeZone()
  const now = useNow(1000)
  const words = t.frame.units
  const old = twin.last_report_at !== null && now - twin.last_report_at > OLD_MS[twin.kind]
  const aged = old ? 'old' : undefined
  const value = (quantity: number | null, unit: string, hint?: 'lel') => printQuantity(quantity, unit, words, hint)
  const zoneName = useZoneName()
  const { selection } = useConsole()
  const rows: (readonly [string, ReactNode])[] = []
  const add = (name: string, shown: ReactNode, present: unknown) => {
    if (present !== null && present !== undefined) rows.push([name, shown])
  }
  add(t.assets.gas, <span className={aged}>{value(twin.gas_lel, '1', 'lel')}</span>, twin.gas_lel)
  add(
    t.assets.pressure,
    <span className={aged}>
      {value(twin.pressure_pa, 'Pa')} <Quality text={t.assets.measured} />
    </span>,
    twin.pressure_pa,
  )
  add(
    t.assets.flow,
    <span className={aged}>
      {value(twin.standard_flow_m3_s, 'm3/s')} <Quality text={t.assets.measured} />
    </span>,
    twin.standard_flow_m3_s,
  )
  add(t.assets.temperature, <span className={aged}>{value(twin.temperature_k, 'K')}</span>, twin.temperature_k)
  if (twin.kind === 'valve' || twin.valve !== 'unknown')
    rows.push([t.assets.valve, wordFor(t.assets.valvePositions, twin.valve)])
  meterRows(twin, t, now, add)
  rows.push([
    t.assets.events,
    twin.events.length === 0 ? t.assets.noEvents : twin.events.map((e) => wordFor(t.deviceEvents, e)).join(', '),
  ])
  add(t.assets.battery, value(twin.battery_volt, 'V'), twin.battery_volt)
  add(
    t.assets.signal,
    [
      twin.rsrp_dbm === null ? '' : `RSRP ${printNumber(twin.rsrp_dbm)} dBm`,
      twin.sinr_db === null ? '' : `SINR ${printNumber(twin.sinr_db)} dB`,
      twin.ecl === null ? '' : `ECL ${twin.ecl}`,
      twin.pci === null ? '' : `PCI ${twin.pci}`,
    ]
      .filter((text) => text !== '')
      .join(' · '),
    twin.rsrp_dbm ?? twin.sinr_db,
  )
  add(t.assets.coverage, twin.good_coverage === true ? t.assets.coverageGood : t.assets.coverageBad, twin.good_coverage)
  add(t.assets.clockError, `${printNumber(twin.clock_error_s, 1)} ${words.s}`, twin.clock_error_s)
  const home = twin.zone
  // Map and table know the zone of pipes, valves and meters; of an RTU only the twin does.
  if (home !== null && twin.kind === 'rtu')
    rows.push([
      t.assets.zone,
      <button key="zone" type="button" className="link" onClick={() => selection.select({ kind: 'zone', id: home })}>
        {zoneName(home)}
      </button>,
    ])
  rows.push(
    [
      t.assets.lastReport,
      twin.last_report_at === null ? (
        t.frame.never
      ) : (
        <span key="at" className={aged}>
          {printInstant(twin.last_report_at, zone)}{' '}
          <Quality text={t.assets.age(printDuration(now - twin.last_report_at, words))} />
        </span>
      ),
    ],
    [t.assets.lastReceived, twin.last_received_at === null ? t.frame.never : printInstant(twin.last_received_at, zone)],
    [
      t.assets.reports,
      t.assets.reportCounts(printNumber(twin.reports), printNumber(twin.duplicates), printNumber(twin.late)),
    ],
    [
      t.assets.number,
      <span key="number" className="id">
        {twin.number}
      </span>,
    ],
  )
  return (
    <dl className="facts">
      {rows.map(([name, shown]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{shown}</dd>
        </div>
      ))}
    </dl>
  )
}

function meterRows(
  { meter }: DeviceTwin,
  t: Dictionary,
  now: number,
  add: (name: string, shown: ReactNode, present: unknown) => void,
): void {
  if (meter === null) return
  const words = t.frame.units
  const age = meter.installed_year === null ? 0 : Math.floor(1970 + now / YEAR_MS) - meter.installed_year
  add(
    t.assets.register,
    <>
      {printNumber(meter.index_m3, 1)} m³{' '}
      {meter.index_at === null ? null : <Quality text={t.assets.age(printDuration(now - meter.index_at, words))} />}
    </>,
    meter.index_m3,
  )
  add(t.assets.daily, printQuantity(meter.daily_m3, 'm3', words), meter.daily_m3)
  add(t.assets.size, meter.size, meter.size)
  add(t.assets.class, wordFor(t.assets.classes, meter.class ?? ''), meter.class)
  add(
    t.assets.installed,
    <>
      {t.assets.installedAge(String(meter.installed_year), printNumber(age))}{' '}
      {meter.class === 'residential' && age > METER_LIFE_YEARS ? (
        <span className="tag">{t.assets.overAge(String(METER_LIFE_YEARS))}</span>
      ) : null}
    </>,
    meter.installed_year,
  )
  add(t.assets.corrector, meter.corrector ? t.assets.yes : t.assets.no, meter.corrector)
  add(t.assets.placement, wordFor(t.assets.placements, meter.placement ?? ''), meter.placement)
  add(t.assets.schedule, wordFor(t.assets.schedules, meter.read_schedule ?? ''), meter.read_schedule)
  add(t.assets.protected, wordFor(t.assets.protectedKinds, meter.protected ?? ''), meter.protected)
}

const Quality = ({ text }: { readonly text: string }) => <span className="quality">{text}</span>

/** The twin, kept fresh while it is looked at. */
function useTwin(kind: string, asset: string) {
  const { api, link } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const [known, setKnown] = useState<{ readonly asset: string; readonly twin: DeviceTwin }>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    if (!live) return
    let gone = false
    let number: string | undefined
    const load = async () => {
      const found: Answer<string> =
        number === undefined ? await numberOf(api, kind, asset) : { ok: true, value: number }
      const answer = found.ok ? await api.device(found.value) : found
      if (gone) return
      setFailure(answer.ok ? undefined : answer.failure)
      if (!answer.ok) return
      number = answer.value.number
      setKnown({ asset, twin: answer.value })
    }
    void load()
    const timer = setInterval(() => void load(), RENEW_MS)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [api, live, kind, asset])
  return { twin: known?.asset === asset ? known.twin : undefined, failure }
}

/** A meter's id is its number; RTUs and valves have one behind their id. */
export async function numberOf(api: Api, kind: string, asset: string): Promise<Answer<string>> {
  if (kind === 'meter') return { ok: true, value: asset }
  const page = await api.devices(asset, { kind, limit: 50 })
  if (!page.ok) return page
  const device = page.value.items.find((d) => d.asset === asset)
  return device === undefined
    ? { ok: false, failure: { code: 'API_NOT_FOUND', status: 404, detail: asset } }
    : { ok: true, value: device.number }
}
