import type { Status } from '@gastwin/server/contract'
import { useConsole } from '../app/console-model.ts'
import { useZoneName } from '../app/use-zones.ts'
import { NONE, printMeasure, printNumber, printPercent, printShare } from '../format/numbers.ts'
import { flowM3H, pressureKpaG } from '../format/units.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'

export function KpiStrip() {
  const t = useText()
  const { status, city } = useConsole()
  const now = useStore(status)
  const target = useSlice(city, (c) => c?.gap_target_rate)
  return (
    <section aria-label={t.kpi.region}>
      <dl className="kpis">
        <Flow label={t.kpi.supply} value={now?.supply_m3_s} missing={t.kpi.noGate} hint={t.kpi.atReference} />
        <Flow
          label={t.kpi.sales}
          tag={t.kpi.estimate}
          value={now?.sales_estimate_m3_s}
          missing={NONE}
          hint={t.kpi.salesHint}
        />
        <LowestPressure lowest={now?.lowest_pressure} />
        <Heard label={t.kpi.rtus} part={now?.rtus_heard} whole={now?.rtus_total} more="" />
        <Heard
          label={t.kpi.meters}
          part={now?.meters_heard_24h}
          whole={now?.meters_total}
          more={now === undefined ? '' : t.kpi.reports(printNumber(now.reports_per_s, now.reports_per_s < 10 ? 1 : 0))}
        />
        <Gap status={now} target={target} />
      </dl>
    </section>
  )
}

interface FlowProps {
  readonly label: string
  readonly value: number | null | undefined
  readonly missing: string
  readonly hint: string
  readonly tag?: string
}

function Flow({ label, value, missing, hint, tag }: FlowProps) {
  return (
    <div className="kpi" title={hint}>
      <dt>
        {label} {tag === undefined ? null : <span className="tag">{tag}</span>}
      </dt>
      <dd>
        <div className="value">
          {value === null || value === undefined ? NONE : printNumber(flowM3H(value))} <small>m³/h</small>
        </div>
        <div className="more">{value === null ? missing : hint}</div>
      </dd>
    </div>
  )
}

function LowestPressure({ lowest }: { readonly lowest: Status['lowest_pressure'] | undefined }) {
  const t = useText()
  const zoneName = useZoneName()
  const off = lowest !== null && lowest !== undefined && lowest.pressure_pa < lowest.limit_pa
  return (
    <div className={off ? 'kpi off' : 'kpi'}>
      <dt>{t.kpi.pressure}</dt>
      <dd>
        <div className="value">
          {off ? '▼ ' : ''}
          {lowest === null || lowest === undefined ? NONE : printMeasure(pressureKpaG(lowest.pressure_pa))}{' '}
          <small>kPa</small>
        </div>
        <div className="more">
          {lowest === null || lowest === undefined
            ? NONE
            : t.kpi.pressureLimit(printMeasure(pressureKpaG(lowest.limit_pa)), zoneName(lowest.zone))}
        </div>
      </dd>
    </div>
  )
}

interface HeardProps {
  readonly label: string
  readonly part: number | undefined
  readonly whole: number | undefined
  readonly more: string
}

function Heard({ label, part, whole, more }: HeardProps) {
  const [counts = NONE, percent] =
    part === undefined || whole === undefined ? [NONE] : printShare(part, whole).split(' · ')
  return (
    <div className="kpi">
      <dt>{label}</dt>
      <dd>
        <div className="value">{counts}</div>
        <div className="more">
          {[percent, more].filter((text) => text !== undefined && text !== '').join(' · ') || NONE}
        </div>
      </dd>
    </div>
  )
}

function Gap({ status, target }: { readonly status: Status | undefined; readonly target: number | undefined }) {
  const t = useText()
  const yesterday = status?.gap_yesterday
  const month = status?.gap_month
  const over = (rate: number | null | undefined) =>
    typeof rate === 'number' && target !== undefined && rate > target ? ` ▲ ${t.kpi.overTarget}` : ''
  return (
    <div className="kpi wide">
      <dt>
        {t.kpi.gap}
        <span className="nowrap">· {t.kpi.target(printPercent(target))}</span>
      </dt>
      <dd className="pair">
        <div>
          <div className="value">
            {printPercent(yesterday?.rate)}{' '}
            <small>
              % {t.kpi.yesterday}
              {over(yesterday?.rate)}
            </small>
          </div>
          <div className="more">
            {yesterday === null || yesterday === undefined
              ? NONE
              : t.kpi.unreadShare(printPercent(yesterday.unread_share))}
          </div>
        </div>
        <div>
          <div className="value">
            {printPercent(month?.rate)} <small>%{over(month?.rate)}</small>
          </div>
          <div className="more">
            {t.kpi.monthToDate(month === null || month === undefined ? NONE : printNumber(month.days))}
          </div>
        </div>
      </dd>
    </div>
  )
}
