import { Fragment } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { doubtsOf } from '../estimate/pipe-estimate.ts'
import type { PipeScales } from '../estimate/pipe-scales.ts'
import { useBlindShare } from '../estimate/use-shades.ts'
import { printMeasure, printNumber, printPercent, printTicks } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { RAMPS } from './palette.ts'
import type { PipeMode } from './pipe-mode.ts'

/** Places where another transmitter would tell most: as many as a person reads at a glance. */
export const HINT_MARKS = ['A', 'B', 'C'] as const

interface ModeLegendProps {
  readonly mode: Exclude<PipeMode, 'state'>
  readonly scales: PipeScales | undefined
  readonly onShow: (lon: number, lat: number) => void
}

/** The scale of the pipes with its numbers, how old the estimate is and whether it can be believed. */
export function ModeLegend({ mode, scales, onShow }: ModeLegendProps) {
  return (
    <>
      <Trust />
      {mode === 'pressure' ? <PressureScale scales={scales} /> : null}
      {mode === 'flow' ? <FlowScale scales={scales} /> : null}
      {mode === 'blind' ? <BlindScale onShow={onShow} /> : null}
    </>
  )
}

function Trust() {
  const t = useText()
  const { estimate } = useConsole()
  const known = useStore(estimate)
  const now = useNow(1000)
  if (known === undefined) return <span className="doubt">{t.estimate.waitingFor}…</span>
  const { meta } = known
  const doubts = doubtsOf(meta, now)
  return (
    <span>
      {doubts.length === 0 ? null : (
        <span className="doubt" role="status">
          ⚠ {doubts.map((d) => t.estimate.doubts[d]).join(' ')}{' '}
        </span>
      )}
      <span className="second">
        {meta.status === 'waiting' ? null : t.estimate.age(printDuration(Math.max(0, now - meta.at), t.frame.units))}
        {meta.misfit === null ? null : ` · ${t.estimate.misfit(printNumber(meta.misfit, 1))}`}
      </span>
    </span>
  )
}

function PressureScale({ scales }: { readonly scales: PipeScales | undefined }) {
  const t = useText()
  return (
    <dl>
      <dt>{t.estimate.legend.pressure}</dt>
      {scales?.pressure.map((range, tier) => {
        if (range === undefined) return null
        const middle = (range.low + range.high) / 2
        const [low, mid, high] = printTicks([range.low, middle, range.high])
        return (
          <dd key={t.assets.tiers[tier]}>
            {t.assets.tiers[tier]} {low}
            <Ramp colors={RAMPS.pressure.slice(0, 3)} />
            {mid}
            <Ramp colors={RAMPS.pressure.slice(2)} />
            {high}
          </dd>
        )
      })}
      <None />
    </dl>
  )
}

function FlowScale({ scales }: { readonly scales: PipeScales | undefined }) {
  const t = useText()
  if (scales === undefined) return null
  const marks = [scales.flowTop / 1000, scales.flowTop / 100, scales.flowTop / 10, scales.flowTop]
  return (
    <dl>
      <dt>{t.estimate.legend.flow}</dt>
      <dd>
        ≤ {printShort(marks[0])}
        {[0, 1, 2].map((decade) => (
          <Fragment key={decade}>
            <Ramp colors={RAMPS.flow.slice(decade, decade + 2)} height={3 + 4 * decade} />
            {printShort(marks[decade + 1])}
          </Fragment>
        ))}
      </dd>
      <None />
    </dl>
  )
}

const printShort = (n: number | undefined) => (n !== undefined && n >= 1 ? printNumber(n) : printMeasure(n))

function BlindScale({ onShow }: { readonly onShow: (lon: number, lat: number) => void }) {
  const t = useText()
  const zoneName = useZoneName()
  const { estimate } = useConsole()
  const next = useStore(estimate)?.meta.next_rtus ?? []
  const share = useBlindShare()
  return (
    <>
      <dl>
        <dt>{t.estimate.legend.blind}</dt>
        <dd>
          {t.estimate.legend.seen} <Ramp colors={RAMPS.blind} /> {t.estimate.legend.dark}
          <svg width="24" height="10" aria-hidden="true">
            <line x1="0" y1="5" x2="24" y2="5" stroke={RAMPS.blind.at(-1)} strokeWidth="3" strokeDasharray="5.4 3.6" />
          </svg>
        </dd>
        {share === undefined ? null : <dd className="doubt">{t.estimate.legend.blindShare(printPercent(share, 0))}</dd>}
      </dl>
      {next.length === 0 ? null : (
        <dl>
          <dt>{t.estimate.next}</dt>
          {next.slice(0, HINT_MARKS.length).map(({ node, zone, gain, lon, lat }, i) => (
            <dd key={node}>
              <button type="button" className="link" onClick={() => onShow(lon, lat)}>
                {HINT_MARKS[i]} {node}
                {zone === null ? '' : ` · ${zoneName(zone)}`}
              </button>
              {t.estimate.nextGain(printPercent(gain))}
            </dd>
          ))}
        </dl>
      )}
    </>
  )
}

function None() {
  const t = useText()
  return (
    <dd>
      <svg width="24" height="10" aria-hidden="true">
        <line x1="0" y1="5" x2="24" y2="5" stroke="var(--unknown)" strokeWidth="1.6" strokeDasharray="4 3" />
      </svg>
      {t.estimate.legend.none}
    </dd>
  )
}

interface RampProps {
  readonly colors: readonly string[]
  /** px */
  readonly height?: number
}

function Ramp({ colors, height = 8 }: RampProps) {
  return <span className="ramp" style={{ height, background: `linear-gradient(90deg, ${colors.join(', ')})` }} />
}
