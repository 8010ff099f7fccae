import type { GapShareName } from '@gastwin/server/contract'
import { type CSSProperties, useState } from 'react'
import { printNumber, printSigned, printTicks } from '../format/numbers.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import type { StatedGap } from './statement-figures.ts'
import { useMatch, useWidth } from './use-screen.ts'
import { addsUp, type Waterfall, waterfallOf } from './waterfall-shape.ts'

/** What the shares are counted in. */
type ShareUnit = 'm3' | 'yuan'
const UNITS: readonly ShareUnit[] = ['m3', 'yuan']
/** Shares that level out by themselves with the next readings. */
const PASSING: ReadonlySet<GapShareName> = new Set(['timing', 'unread'])
/** Height of a row, px: on a desk's screen there is room for more air. */
const ROW = { low: 26, high: 34 }
const BAR_SHARE = 0.54
const AXIS_PX = 30

/** The seven shares of a gap, each begun where the one before ended, with their whiskers; the last row is the sum. */
export function WaterfallChart({ statement }: { readonly statement: StatedGap }) {
  const t = useText()
  const [unit, setUnit] = useState<ShareUnit>('m3')
  const [stage, width] = useWidth(220)
  const shares = unit === 'm3' ? statement.shares_m3 : statement.shares_yuan
  const word = t.gap.units[unit]
  const row = useMatch('(min-height: 900px)') ? ROW.high : ROW.low
  // Room for the caps of the whiskers at both ends.
  const waterfall = waterfallOf(shares, Math.max(40, width - 12))
  const height = (waterfall.bars.length + 1) * row
  const fits = unit === 'yuan' || addsUp(waterfall.sum, statement.gap_m3)
  return (
    <>
      <div className="waterfall-head">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own */}
        <div className="segments" role="group" aria-label={t.gap.unitsLabel}>
          {UNITS.map((name) => (
            <button key={name} type="button" aria-pressed={name === unit} onClick={() => setUnit(name)}>
              {t.gap.units[name]}
            </button>
          ))}
        </div>
        <ul className="waterfall-keys">
          <li>
            <Key kind="whisker" /> {t.gap.whisker}
          </li>
          <li>
            <Key kind="unexplained" /> {t.gap.outline}
          </li>
          <li>
            <Key kind="passing" /> {t.gap.levelsOut}
          </li>
        </ul>
      </div>
      <div className="waterfall" style={{ '--row': `${row}px` } as CSSProperties}>
        <div className="waterfall-names">
          {waterfall.bars.map(({ name }) => (
            <span key={name} title={t.gap.shareMeanings[name]}>
              {t.gap.shares[name]}
            </span>
          ))}
          <b>{t.gap.sum}</b>
        </div>
        <div className="waterfall-stage" ref={stage}>
          <svg width={width} height={height + AXIS_PX} aria-hidden="true">
            <title>{t.gap.breakdown}</title>
            <g transform="translate(6 0)">
              <Drawing waterfall={waterfall} width={width - 12} height={height} row={row} unit={word} />
            </g>
          </svg>
        </div>
        <table className="waterfall-values">
          <caption className="visually-hidden">
            {t.gap.breakdown}, {word}
          </caption>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">{t.gap.share}</th>
              <th scope="col">{t.gap.value}</th>
              <th scope="col">{t.gap.interval}</th>
            </tr>
          </thead>
          <tbody>
            {waterfall.bars.map(({ name, value, p05, p95 }) => {
              const range = `${printNumber(p05)} – ${printNumber(p95)}`
              return (
                <tr key={name}>
                  <th scope="row" className="visually-hidden">
                    {t.gap.shares[name]}
                  </th>
                  <td className="number">
                    <How
                      title={`${t.gap.shares[name]} · ${statement.zone}`}
                      value={`${printSigned(value, 0)} ${word} (${range})`}
                      formula={`${t.gap.shareMeanings[name]} ${unit === 'm3' ? t.gap.how.shareFormula : t.gap.how.yuanFormula}`}
                      more={[[t.gap.how.interval, t.gap.how.ninety]]}
                      statement={statement}
                    >
                      {printNumber(value)}
                    </How>
                  </td>
                  <td className="number second">{range}</td>
                </tr>
              )
            })}
            <tr className="sum">
              <th scope="row" className="visually-hidden">
                {t.gap.sum}
              </th>
              <td className="number">
                <How
                  title={`${t.gap.sum} · ${statement.zone}`}
                  value={`${printSigned(waterfall.sum, 0)} ${word}`}
                  formula={unit === 'm3' ? t.gap.how.sumFormula : t.gap.how.yuanFormula}
                  statement={statement}
                >
                  <output>{printNumber(waterfall.sum)}</output>
                </How>
              </td>
              <td className="second nowrap">
                {word}
                {unit === 'yuan'
                  ? ''
                  : fits
                    ? ` · ${t.gap.sumIsGap}`
                    : ` · ${t.gap.sumIsNotGap(printNumber(waterfall.sum - statement.gap_m3))}`}
              </td>
            </tr>
          </tbody>
        </table>
      </div>
    </>
  )
}

interface DrawingProps {
  readonly waterfall: Waterfall
  /** px */
  readonly width: number
  readonly height: number
  /** px */
  readonly row: number
  readonly unit: string
}

function Drawing({ waterfall, width, height, row, unit }: DrawingProps) {
  const { bars, total, zero, ticks } = waterfall
  const labels = printTicks(ticks.map(({ value }) => value))
  const middle = (i: number) => i * row + row / 2
  const bar = Math.round(row * BAR_SHARE)
  return (
    <>
      <defs>
        <pattern id="passing-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className="passing-ground" width="5" height="5" />
          <rect className="passing-line" width="2" height="5" />
        </pattern>
      </defs>
      {ticks.map(({ value, x }) => (
        <line key={value} className="grid" x1={x} x2={x} y1={0} y2={height} />
      ))}
      <line className="zero" x1={zero} x2={zero} y1={0} y2={height} />
      {bars.map(({ name, left, right, low, high, to }, i) => (
        <g key={name}>
          <rect
            className={name === 'unexplained' ? 'share unexplained' : PASSING.has(name) ? 'share passing' : 'share'}
            x={left}
            y={middle(i) - bar / 2}
            width={Math.max(1, right - left)}
            height={bar}
          />
          <line
            className="step"
            x1={waterfall.x(to)}
            x2={waterfall.x(to)}
            y1={middle(i) + bar / 2}
            y2={middle(i + 1) - bar / 2}
          />
          <path
            className="whisker"
            d={`M${low} ${middle(i) - 4}v8M${high} ${middle(i) - 4}v8M${low} ${middle(i)}H${high}`}
          />
        </g>
      ))}
      <rect
        className="share total"
        x={total.left}
        y={middle(bars.length) - bar / 2}
        width={Math.max(1, total.right - total.left)}
        height={bar}
      />
      <line className="axis" x1={-6} x2={width + 6} y1={height} y2={height} />
      {ticks.map(({ value, x }, i) => (
        <text key={value} x={x} y={height + 14} textAnchor={x < 14 ? 'start' : x > width - 14 ? 'end' : 'middle'}>
          {labels[i]}
        </text>
      ))}
      <text className="unit" x={zero < 30 ? 0 : zero} y={height + 28} textAnchor={zero < 30 ? 'start' : 'middle'}>
        {unit}
      </text>
    </>
  )
}

function Key({ kind }: { readonly kind: 'whisker' | 'unexplained' | 'passing' }) {
  return (
    <svg width="20" height="12" aria-hidden="true">
      {kind === 'whisker' ? (
        <path className="whisker" d="M2 2v8M18 2v8M2 6H18" />
      ) : kind === 'unexplained' ? (
        <rect className="share unexplained" x="1" y="1" width="18" height="10" />
      ) : (
        <g>
          <defs>
            <pattern id="passing-key" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect className="passing-ground" width="5" height="5" />
              <rect className="passing-line" width="2" height="5" />
            </pattern>
          </defs>
          <rect x="1" y="1" width="18" height="10" fill="url(#passing-key)" />
        </g>
      )}
    </svg>
  )
}
