/** How one meter spreads its report: seconds after local midnight T = base + last two digits × k × 60 + x. @source S0-69 */
export interface Spreading {
  /** s after midnight. */
  readonly baseS: number
  /** min; whole numbers, as the field sets them. */
  readonly k: number
}

/** Second of the day of a meter's report. @param x its own seconds within the slot */
export const reportSecond = (device: number, x: number, { baseS, k }: Spreading): number =>
  baseS + (device % 100) * k * 60 + x

/** A meter that is to be placed. */
export interface SpreadMeter {
  readonly device: number
  /** Seconds within the slot that the meter adds by itself. */
  readonly x: number
}

/** What a cell carries already and may carry. */
export interface CellLoad {
  /** Messages of others in each minute of the window, measured; its length is the window in minutes. */
  readonly others: readonly number[]
  /** Messages a minute that the cell takes without losing any. */
  readonly capacityPerMinute: number
}

export interface SpreadingOptions {
  /** First second of the reading window, s after midnight. */
  readonly fromS: number
  /** Length of the window, s. */
  readonly lengthS: number
  /** Largest x of a meter, s. */
  readonly mostX: number
}

/** The household reading window, 00:00 to 06:00. @source S0-60 */
export const NIGHT: SpreadingOptions = { fromS: 0, lengthS: 6 * 3600, mostX: 120 }

/** A group of a cell's meters that get one setting: those whose numbers end in the same two digits, or all of one compound. */
export interface SpreadAssignment {
  readonly meters: readonly number[]
  readonly spreading: Spreading
}

export interface SpreadingPlan {
  readonly assignments: readonly SpreadAssignment[]
  /** Messages in each minute of the window, others included: before (every meter at the usual setting) and after. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly peakBefore: number
  readonly peakAfter: number
  /** Minutes in which the cell is asked for more than it takes. */
  readonly overBefore: number
  readonly overAfter: number
}

/** The trial in the field: base midnight, k = 2. */
export const USUAL: Spreading = { baseS: 0, k: 2 }
const SLOTS = 100

/** Largest whole k with which all hundred slots and x end within a window after base. @source S0-72 */
export function largestK(lengthS: number, mostX: number): number {
  return Math.max(0, Math.floor((lengthS - mostX) / ((SLOTS - 1) * 60)))
}

/**
 * Fills the valleys of a cell's night. k and base are a meter's only settings, and its slot follows from the last two digits of its
 * number: so each group of equal digits is moved as a whole, largest group first, to the emptiest place of the window, and a group
 * larger than a minute takes is cut into parts of their own base times.
 */
export function planSpreading(
  meters: readonly SpreadMeter[],
  cell: CellLoad,
  options: SpreadingOptions = NIGHT,
): SpreadingPlan {
  const minutes = Math.floor(options.lengthS / 60)
  const room = (others: readonly number[]): number[] => Array.from({ length: minutes }, (_, m) => others[m] ?? 0)
  const before = room(cell.others)
  for (const meter of meters) add(before, meter, USUAL, options)

  const after = room(cell.others)
  const k = Math.min(USUAL.k, largestK(options.lengthS, options.mostX))
  const assignments: SpreadAssignment[] = []
  const spread = Math.max(1, Math.ceil(options.mostX / 60))
  const partSize = Math.max(1, Math.floor(cell.capacityPerMinute * spread * 0.2))
  for (const part of partsOf(meters, partSize)) {
    const slotS = ((part[0]?.device ?? 0) % 100) * k * 60
    const start = emptiest(after, spread)
    // The slot is subtracted: what counts is when the meter speaks, and base may lie on the evening before.
    const wanted = options.fromS + start * 60
    const baseS = (((wanted - slotS) % 86_400) + 86_400) % 86_400
    const spreading = { baseS, k }
    for (const meter of part) add(after, meter, spreading, options)
    assignments.push({ meters: part.map(({ device }) => device), spreading })
  }
  const over = (curve: readonly number[]): number => curve.filter((n) => n > cell.capacityPerMinute).length
  return {
    assignments,
    before,
    after,
    peakBefore: Math.max(0, ...before),
    peakAfter: Math.max(0, ...after),
    overBefore: over(before),
    overAfter: over(after),
  }
}

/** Meters of equal last digits in parts of at most so many, the largest first. */
function partsOf(meters: readonly SpreadMeter[], most: number): SpreadMeter[][] {
  const groups = new Map<number, SpreadMeter[]>()
  for (const meter of meters) {
    const group = groups.get(meter.device % 100)
    if (group) group.push(meter)
    else groups.set(meter.device % 100, [meter])
  }
  const parts: SpreadMeter[][] = []
  for (const group of groups.values())
    for (let from = 0; from < group.length; from += most) parts.push(group.slice(from, from + most))
  return parts.sort((a, b) => b.length - a.length)
}

function add(curve: number[], { device, x }: SpreadMeter, spreading: Spreading, { fromS }: SpreadingOptions): void {
  const second = (((reportSecond(device, x, spreading) - fromS) % 86_400) + 86_400) % 86_400
  const minute = Math.floor(second / 60)
  if (minute < curve.length) curve[minute] = (curve[minute] ?? 0) + 1
}

/** First minute of the stretch whose fullest minute is emptiest, and of those the emptiest; the earliest of equals. */
function emptiest(curve: readonly number[], length: number): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let from = 0; from + length <= curve.length; from++) {
    let fullest = 0
    let sum = 0
    for (let m = from; m < from + length; m++) {
      fullest = Math.max(fullest, curve[m] ?? 0)
      sum += curve[m] ?? 0
    }
    const cost = fullest * 1e6 + sum
    if (cost < least) [least, best] = [cost, from]
  }
  return best
}

/** How a cell's terminals come back after an outage. */
export interface Reattachment {
  /** Terminals attached after each minute. */
  readonly attached: readonly number[]
  /** Attempts of the fullest minute. */
  readonly peakAttempts: number
  /** Minutes until all are back; NaN when not within the time looked at. */
  readonly minutes: number
}

/**
 * The storm after an outage: every terminal tries to attach; in a minute of more attempts than the cell takes, each succeeds with
 * the share that fits, and who failed waits as the rule says. Expected values, no chance.
 * @param spreadMin terminals begin evenly over so many minutes; 0: all at once
 * @param waitsMin after the first, second, third … failure; the last holds on. @source S0-86: 1, 3, 10 min
 */
export function reattach(
  terminals: number,
  capacityPerMinute: number,
  spreadMin: number,
  waitsMin: readonly number[] = [1, 3, 10],
  lookMin = 24 * 60,
): Reattachment {
  const last = waitsMin.length
  const due = Array.from({ length: lookMin + 64 }, () => new Float64Array(last + 1))
  const starts = Math.max(1, spreadMin)
  for (let m = 0; m < starts && m < due.length; m++) addTo(due[m], 0, terminals / starts)
  const attached: number[] = []
  let total = 0
  let peakAttempts = 0
  let minutes = Number.NaN
  for (let m = 0; m < lookMin; m++) {
    const trying = due[m] ?? new Float64Array(last + 1)
    const attempts = trying.reduce((sum, n) => sum + n, 0)
    peakAttempts = Math.max(peakAttempts, attempts)
    // More attempts than fit collide: what gets through falls again when the crowd is many times too large.
    const load = attempts / capacityPerMinute
    const through = load <= 1 ? 1 : Math.max(0.05, Math.exp(1 - load)) / load + (1 - 1 / load) * 0.02
    for (let tries = 0; tries <= last; tries++) {
      const n = trying[tries] ?? 0
      total += n * Math.min(1, through)
      const again = Math.min(last, tries + 1)
      addTo(due[m + (waitsMin[Math.min(last - 1, tries)] ?? 10)], again, n * (1 - Math.min(1, through)))
    }
    attached.push(total)
    if (Number.isNaN(minutes) && total >= terminals * 0.999) minutes = m + 1
  }
  return { attached, peakAttempts, minutes }
}

function addTo(minute: Float64Array | undefined, tries: number, n: number): void {
  if (minute !== undefined) minute[tries] = (minute[tries] ?? 0) + n
}

/** Over how many minutes a cell's terminals are best spread when they come back: the least after which no minute asks for too much. */
export const spreadForReattach = (terminals: number, capacityPerMinute: number): number =>
  Math.max(1, Math.ceil(terminals / (0.8 * capacityPerMinute)))
