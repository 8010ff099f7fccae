import type { SpreadingProposal } from '@gastwin/server/contract'
import { printTicks } from '../format/numbers.ts'
import { useWidth } from '../gap/use-screen.ts'
import { roundTicks } from '../gap/waterfall-shape.ts'
import { useOrderText } from './device-text.ts'

const HEIGHT = 190
const LEFT = 44
const BOTTOM = 20
const TOP = 8
const HOUR_S = 3600

/** Messages of a cell in each minute of the night: as measured, with the plan, and what the cell takes. */
export function SpreadingChart({ plan }: { readonly plan: SpreadingProposal }) {
  const o = useOrderText()
  const [stage, width] = useWidth(900)
  const { before, after, capacity_per_minute: capacity, window_from_s, window_s } = plan
  const minutes = Math.max(before.length, after.length, 1)
  const most = Math.max(capacity * 1.1, ...before, ...after)
  const x = (minute: number) => LEFT + (minute / minutes) * (width - LEFT - 8)
  const y = (value: number) => TOP + (1 - value / most) * (HEIGHT - BOTTOM - TOP)
  const ticks = roundTicks(0, most, 4)
  const labels = printTicks(ticks)
  const hours = Array.from({ length: Math.floor(window_s / HOUR_S) + 1 }, (_, i) => i)
  return (
    <figure className="spreading-chart">
      <figcaption>
        {o.spreading.chart}{' '}
        {(['before', 'after', 'limit'] as const).map((name) => (
          <span className="key" key={name}>
            <svg width="20" height="8" aria-hidden="true">
              <line className={name} x1="0" y1="4" x2="20" y2="4" />
            </svg>
            {o.spreading[name]}{' '}
          </span>
        ))}
      </figcaption>
      <div ref={stage}>
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {ticks.map((tick, i) => (
            <g key={tick}>
              <line className="grid" x1={LEFT} x2={width - 8} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 5} y={y(tick) + 4} textAnchor="end">
                {labels[i]}
              </text>
            </g>
          ))}
          {hours.map((hour) => (
            <text key={hour} x={x(hour * 60)} y={HEIGHT - 4} textAnchor={hour === 0 ? 'start' : 'middle'}>
              {String((Math.floor(window_from_s / HOUR_S) + hour) % 24).padStart(2, '0')}:00
            </text>
          ))}
          <path className="before" d={`${steps(before, x, y)}V${y(0)}H${LEFT}Z`} />
          <path className="after" d={steps(after, x, y)} />
          <line className="limit" x1={LEFT} x2={width - 8} y1={y(capacity)} y2={y(capacity)} />
        </svg>
      </div>
    </figure>
  )
}

/** A stair: a count belongs to its whole minute. */
const steps = (counts: readonly number[], x: (minute: number) => number, y: (value: number) => number): string =>
  counts
    .map((count, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(count).toFixed(1)}H${x(i + 1).toFixed(1)}`)
    .join('')
