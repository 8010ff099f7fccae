import type { SuspectEvidence } from '@gastwin/server/contract'
import { printMeasure, printTicks } from '../format/numbers.ts'
import { useText } from '../text/use-text.ts'
import { printDate } from './print-span.ts'
import { useWidth } from './use-screen.ts'
import { roundTicks } from './waterfall-shape.ts'

const HEIGHT = 120
const LEFT = 40
const BOTTOM = 18

interface DaysChartProps {
  readonly days: SuspectEvidence['days']
  readonly since: number | null
  readonly zone: string
}

/** What the meter counted each day, and what was foretold; where both stand apart is the suspicion. */
export function DaysChart({ days, since, zone }: DaysChartProps) {
  const t = useText()
  const [stage, width] = useWidth(420)
  const { evidence } = t.gap
  const values = days.flatMap(({ use_m3, expected_m3 }) => [use_m3, expected_m3]).filter((v) => v !== null)
  const most = Math.max(0.01, ...values)
  const [first, last] = [days[0]?.from ?? 0, days.at(-1)?.from ?? 0]
  const x = (at: number) => LEFT + ((at - first) / Math.max(1, last - first)) * (width - LEFT - 8)
  const y = (value: number) => 6 + (1 - value / most) * (HEIGHT - BOTTOM - 10)
  const ticks = roundTicks(0, most, 4)
  const labels = printTicks(ticks)
  const dates = [
    first,
    ...(last > first ? [first + Math.round((last - first) / 2 / 86_400_000) * 86_400_000, last] : []),
  ]
  return (
    <figure className="days-chart">
      <figcaption>
        {evidence.chart}{' '}
        <span className="key">
          <svg width="20" height="8" aria-hidden="true">
            <line className="used" x1="0" y1="4" x2="20" y2="4" />
          </svg>
          {evidence.used}
        </span>{' '}
        <span className="key">
          <svg width="20" height="8" aria-hidden="true">
            <line className="expected" x1="0" y1="4" x2="20" y2="4" />
          </svg>
          {evidence.expected}
        </span>
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
          {dates.map((at, i) => (
            <text
              key={at}
              x={x(at)}
              y={HEIGHT - 3}
              textAnchor={i === 0 ? 'start' : i === dates.length - 1 ? 'end' : 'middle'}
            >
              {printDate(at, zone).slice(5)}
            </text>
          ))}
          {since === null || since < first || since > last ? null : (
            <line className="since" x1={x(since)} x2={x(since)} y1={2} y2={HEIGHT - BOTTOM} />
          )}
          <path
            className="expected"
            d={pathOf(days.map((d) => [x(d.from), d.expected_m3 === null ? null : y(d.expected_m3)]))}
          />
          <path className="used" d={pathOf(days.map((d) => [x(d.from), d.use_m3 === null ? null : y(d.use_m3)]))} />
        </svg>
      </div>
      <details>
        <summary>{evidence.days}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls needs a keyboard */}
        <section className="scroll" tabIndex={0} aria-label={evidence.days}>
          <table>
            <thead>
              <tr>
                <th scope="col">{evidence.day}</th>
                <th scope="col" className="number">
                  {evidence.used}, m³
                </th>
                <th scope="col" className="number">
                  {evidence.expected}, m³
                </th>
              </tr>
            </thead>
            <tbody>
              {[...days].reverse().map((d) => (
                <tr key={d.from}>
                  <td className="nowrap">{printDate(d.from, zone)}</td>
                  <td className="number">{printMeasure(d.use_m3)}</td>
                  <td className="number">{printMeasure(d.expected_m3)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  )
}

/** A line that is broken where nothing was read; a day alone between two gaps is a dot. */
function pathOf(points: readonly (readonly [number, number | null])[]): string {
  let path = ''
  let down = false
  points.forEach(([x, y], i) => {
    if (y === null) {
      down = false
      return
    }
    const alone = !down && (points[i + 1]?.[1] ?? null) === null
    path += `${down ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}${alone ? 'h0.01' : ''}`
    down = true
  })
  return path
}
