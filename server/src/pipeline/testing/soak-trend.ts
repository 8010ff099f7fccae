/** One look at a running service. */
export interface SoakSample {
  /** Since the first sample, minutes. */
  readonly minute: number
  readonly rssMb: number
  readonly heapMb: number
  readonly loopLagP99Ms: number
  readonly logMb: number
  readonly reports: number
}

/** What the samples come to. A garbage-collected heap is a saw, so its lowest values are compared, window by window. */
export interface SoakTrend {
  readonly rssMbAMinute: number
  readonly heapFloorMbAMinute: number
  /** Growth of the heap's floor from the first third to the last. */
  readonly heapFloorGrowth: number
  readonly rssGrowth: number
  /** Both grew by less than a tenth. */
  readonly flat: boolean
}

const MOST_GROWTH = 0.1
const WINDOW = 6

/**
 * The trend after the first third, in which caches, tables and code are still being filled.
 * @throws RangeError with fewer than 18 samples: nothing can be said then
 */
export function soakTrend(samples: readonly SoakSample[]): SoakTrend {
  if (samples.length < 3 * WINDOW) throw new RangeError(`${samples.length} samples are too few for a trend`)
  const settled = samples.slice(Math.floor(samples.length / 3))
  const floors: { minute: number; mb: number }[] = []
  for (let i = 0; i + WINDOW <= settled.length; i += WINDOW) {
    const window = settled.slice(i, i + WINDOW)
    floors.push({ minute: window[0]?.minute ?? 0, mb: Math.min(...window.map((s) => s.heapMb)) })
  }
  const rss = settled.map((s) => ({ minute: s.minute, mb: s.rssMb }))
  const rssGrowth = growth(rss)
  const heapFloorGrowth = growth(floors)
  return {
    rssMbAMinute: slope(rss),
    heapFloorMbAMinute: slope(floors),
    heapFloorGrowth,
    rssGrowth,
    flat: rssGrowth < MOST_GROWTH && heapFloorGrowth < MOST_GROWTH,
  }
}

interface Point {
  readonly minute: number
  readonly mb: number
}

/** Least squares, MB a minute. */
function slope(points: readonly Point[]): number {
  const mean = (of: (p: Point) => number) => points.reduce((sum, p) => sum + of(p), 0) / points.length
  const [x, y] = [mean((p) => p.minute), mean((p) => p.mb)]
  const spread = points.reduce((sum, p) => sum + (p.minute - x) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, p) => sum + (p.minute - x) * (p.mb - y), 0) / spread
}

/** Of the fitted line from its begin to its end, as a share of the begin. */
function growth(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return 0
  const mean = points.reduce((sum, p) => sum + p.mb, 0) / points.length
  const rise = slope(points) * (last.minute - first.minute)
  return rise / Math.max(1, mean - rise / 2)
}
