interface MiniGraphProps {
  readonly rates: readonly (number | null)[]
  readonly target: number
  /** One scale for all zones, or a quiet zone would look as wild as a bad one. */
  readonly low: number
  readonly high: number
  readonly label: string
}

const HEIGHT = 22
const DAYS = 30
const WIDTH = 90

/** Gap rates of the last days as bars from zero; the target is a line, days above it are light, missing days are empty. */
export function MiniGraph({ rates, target, low, high, label }: MiniGraphProps) {
  const y = (rate: number) => ((high - rate) / (high - low || 1)) * HEIGHT
  const step = WIDTH / Math.max(DAYS, rates.length)
  // A young city has fewer days: they stand at the right, where the newest is.
  const first = Math.max(0, DAYS - rates.length)
  return (
    <svg
      className="mini-graph"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {rates.map((rate, i) =>
        rate === null ? null : (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the index is the day
            key={i}
            className={rate > target ? 'above' : undefined}
            x={(first + i) * step + 0.4}
            width={Math.max(0.8, step - 0.8)}
            y={Math.min(y(0), y(rate))}
            height={Math.max(0.6, Math.abs(y(rate) - y(0)))}
          />
        ),
      )}
      <line className="zero" x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} />
      <line className="target" x1="0" x2={WIDTH} y1={y(target)} y2={y(target)} />
    </svg>
  )
}
