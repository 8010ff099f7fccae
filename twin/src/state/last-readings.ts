import { type FleetColumns, READINGS_KEPT as KEPT } from './fleet-columns.ts'
import type { ReadingGaps } from './reading-gaps.ts'
import type { StateSink } from './state-sink.ts'

/** Registers closer than this are equal: below the smallest digit any meter has, above the noise of floating point. */
const SAME_M3 = 1e-9
/** Memory of the rate estimate, s. */
const RATE_MEMORY_S = 7 * 86_400

/** `unplaced`: older than what is remembered and in no known gap; no sum changes. */
export type Placed = 'placed' | 'known' | 'unplaced'

/** An interval so long that a scheduled reading is missing in it. @param everyMinutes how often the register is read */
export function isGap(seconds: number, everyMinutes: number): boolean {
  return seconds >= everyMinutes * 75
}

/**
 * Puts a reading among those known of a meter, whatever the order of arrival, and tells the sink which intervals between neighbours
 * came and went.
 * @param atS Unix s. @param m3 register
 */
export function placeReading(
  c: FleetColumns,
  gaps: ReadingGaps,
  slot: number,
  atS: number,
  m3: number,
  sink: StateSink,
): Placed {
  const base = slot * KEPT
  const count = c.readings[slot] ?? 0
  if (count === 0) {
    insert(c, gaps, slot, 0, atS, m3)
    c.firstAt[slot] = atS
    c.firstRegister[slot] = m3
    return 'placed'
  }
  let after = count - 1
  while (after >= 0 && (c.readAt[base + after] ?? 0) > atS) after -= 1
  if (after < 0) return placeBefore(c, gaps, slot, atS, m3, sink)
  const fromS = c.readAt[base + after] ?? 0
  const fromM3 = c.register[base + after] ?? 0
  if (fromS === atS) return 'known'
  if (after === count - 1) {
    tell(sink, slot, fromS, atS, fromM3, m3)
  } else
    split(
      sink,
      slot,
      { fromS, fromM3, toS: c.readAt[base + after + 1] ?? 0, toM3: c.register[base + after + 1] ?? 0 },
      atS,
      m3,
    )
  insert(c, gaps, slot, after + 1, atS, m3)
  if (after === count - 1) updateRate(c, slot, atS - fromS, m3 - fromM3)
  return 'placed'
}

/** A reading older than the last ones. */
function placeBefore(
  c: FleetColumns,
  gaps: ReadingGaps,
  slot: number,
  atS: number,
  m3: number,
  sink: StateSink,
): Placed {
  const firstAt = c.firstAt[slot] ?? 0
  const every = c.readEveryMinutes[slot] ?? 0
  if (atS === firstAt) return 'known'
  if (atS < firstAt) {
    const firstM3 = c.firstRegister[slot] ?? 0
    tell(sink, slot, atS, firstAt, m3, firstM3)
    if ((c.readings[slot] ?? 0) < KEPT) insert(c, gaps, slot, 0, atS, m3)
    else remember(gaps, slot, every, atS, firstAt, m3, firstM3)
    c.firstAt[slot] = atS
    c.firstRegister[slot] = m3
    updateRate(c, slot, 0, 0)
    return 'placed'
  }
  const gap = gaps.take(slot, atS)
  if (gap === undefined) return 'unplaced'
  if (gap === 'known') return 'known'
  split(sink, slot, gap, atS, m3)
  remember(gaps, slot, every, gap.fromS, atS, gap.fromM3, m3)
  remember(gaps, slot, every, atS, gap.toS, m3, gap.toM3)
  return 'placed'
}

interface Interval {
  readonly fromS: number
  readonly toS: number
  readonly fromM3: number
  readonly toM3: number
}

function split(sink: StateSink, slot: number, whole: Interval, atS: number, m3: number): void {
  sink.advance(slot, whole.fromS * 1000, whole.toS * 1000, Math.max(0, whole.toM3 - whole.fromM3), -1)
  tell(sink, slot, whole.fromS, atS, whole.fromM3, m3)
  tell(sink, slot, atS, whole.toS, m3, whole.toM3)
}

function tell(sink: StateSink, slot: number, fromS: number, toS: number, fromM3: number, toM3: number): void {
  if (toM3 < fromM3 - SAME_M3) sink.anomaly(slot, 'register_backwards', toS * 1000, fromM3, toM3)
  sink.advance(slot, fromS * 1000, toS * 1000, Math.max(0, toM3 - fromM3), 1)
}

/** Writes the reading at a place of the row's last readings; the oldest leaves a full row, its gap is remembered. */
function insert(c: FleetColumns, gaps: ReadingGaps, slot: number, place: number, atS: number, m3: number): void {
  const base = slot * KEPT
  const count = c.readings[slot] ?? 0
  let at = place
  if (count < KEPT) {
    c.readAt.copyWithin(base + at + 1, base + at, base + count)
    c.register.copyWithin(base + at + 1, base + at, base + count)
    c.readings[slot] = count + 1
  } else {
    const nextS = place === 1 ? atS : (c.readAt[base + 1] ?? 0)
    const nextM3 = place === 1 ? m3 : (c.register[base + 1] ?? 0)
    const every = c.readEveryMinutes[slot] ?? 0
    remember(gaps, slot, every, c.readAt[base] ?? 0, nextS, c.register[base] ?? 0, nextM3)
    at -= 1
    c.readAt.copyWithin(base, base + 1, base + at + 1)
    c.register.copyWithin(base, base + 1, base + at + 1)
  }
  c.readAt[base + at] = atS
  c.register[base + at] = m3
}

function remember(
  gaps: ReadingGaps,
  slot: number,
  every: number,
  fromS: number,
  toS: number,
  fromM3: number,
  toM3: number,
): void {
  if (isGap(toS - fromS, every)) gaps.add(slot, { fromS, toS, fromM3, toM3 })
}

/**
 * A mean over all that is known until that is a week, whatever the order of arrival; then one that forgets.
 * @param seconds, volume of the interval that was added at the end; 0 when the reading was an older one
 */
function updateRate(c: FleetColumns, slot: number, seconds: number, volume: number): void {
  const last = slot * KEPT + (c.readings[slot] ?? 1) - 1
  const span = (c.readAt[last] ?? 0) - (c.firstAt[slot] ?? 0)
  const total = (c.register[last] ?? 0) - (c.firstRegister[slot] ?? 0)
  const old = c.rate[slot] ?? 0
  if (span > 0 && span <= RATE_MEMORY_S && total >= 0) c.rate[slot] = total / span
  else if (seconds > 0 && volume >= 0)
    c.rate[slot] = old + Math.min(1, seconds / Math.min(RATE_MEMORY_S, span)) * (volume / seconds - old)
}
