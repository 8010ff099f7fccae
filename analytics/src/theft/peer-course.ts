import { courseHashes, type DayPanel } from './day-panel.ts'
import { sortForMedian } from './median.ts'
import { SCALE_EDGES, TAIL_SHARES, writeEdges } from './tail-shares.ts'

/** What all customers of a panel have in common: weather, holidays, the size of what is usual. */
export interface PeerCourse {
  /** Float64Array[days]: factor by which the middle customer differs from its own mean on that day; 1 is usual. */
  readonly factor: Float64Array
  /** Middle and spread (median absolute deviation × 1.48) of the logarithm of the customers' mean daily use. */
  readonly levelCentre: number
  readonly levelSpread: number
  readonly firstWeekday: number
  /** Float32Array[days × SCALE_EDGES]: use of all peers on each day at TAIL_SHARES; empty where there are too few. */
  readonly dayEdges: Float32Array
}

const MOST_PEERS = 20_000
const FEWEST_PEERS = 20

/** Reads the common course off a panel. Customers are told apart by their values only, so their order does not matter. */
export function commonCourse(panel: DayPanel): PeerCourse {
  const { days, values } = panel
  const peers = peersOf(panel)
  const levels = new Float64Array(peers.length)
  const means = new Float64Array(peers.length)
  let count = 0
  const used: number[] = []
  for (const row of peers) {
    const mean = meanUse(values, row * days, days)
    if (!(mean > 0)) continue
    means[count] = mean
    levels[count] = Math.log(mean)
    used.push(row)
    count += 1
  }
  const factor = new Float64Array(days).fill(1)
  if (count >= FEWEST_PEERS) {
    const ratios = new Float64Array(count)
    for (let day = 0; day < days; day++) {
      let seen = 0
      for (let i = 0; i < count; i++) {
        const value = values[(used[i] as number) * days + day] as number
        if (value >= 0) ratios[seen++] = value / (means[i] as number)
      }
      const middle = seen >= FEWEST_PEERS ? sortForMedian(ratios.subarray(0, seen)) : 1
      factor[day] = Math.min(10, Math.max(0.05, middle))
    }
  }
  const levelCentre = count === 0 ? 0 : sortForMedian(levels.subarray(0, count))
  const away = Float64Array.from(levels.subarray(0, count), (level) => Math.abs(level - levelCentre))
  const levelSpread = count < FEWEST_PEERS ? 1 : Math.max(0.1, 1.4826 * sortForMedian(away))
  return { factor, levelCentre, levelSpread, firstWeekday: panel.firstWeekday, dayEdges: edgesOfDays(panel, peers) }
}

function edgesOfDays({ days, values }: DayPanel, peers: Int32Array): Float32Array {
  if (peers.length < FEWEST_PEERS) return new Float32Array()
  const edges = new Float32Array(days * SCALE_EDGES)
  const use = new Float64Array(peers.length)
  for (let day = 0; day < days; day++) {
    let seen = 0
    for (const row of peers) {
      const value = values[row * days + day] as number
      if (value >= 0) use[seen++] = value
    }
    writeEdges(use.subarray(0, seen).sort(), TAIL_SHARES, edges.subarray(day * SCALE_EDGES, (day + 1) * SCALE_EDGES))
  }
  return edges
}

function meanUse(values: Float32Array, from: number, days: number): number {
  let sum = 0
  let seen = 0
  let used = 0
  for (let i = from; i < from + days; i++) {
    const value = values[i] as number
    if (!(value >= 0)) continue
    sum += value
    seen += 1
    if (value > 0) used += 1
  }
  return used * 2 > seen && seen > 0 ? sum / seen : 0
}

/** All rows, or those with the smallest hashes where there are more than a median needs. */
function peersOf(panel: DayPanel): Int32Array {
  const rows = Int32Array.from({ length: panel.rows }, (_, row) => row)
  if (panel.rows <= MOST_PEERS) return rows
  const hashes = courseHashes(panel)
  const bound = (hashes.toSorted()[MOST_PEERS] as number) + 1
  return rows.filter((row) => (hashes[row] as number) < bound)
}
