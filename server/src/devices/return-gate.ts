import { type CellLoad, NO_CELL } from './cell-load.ts'

/** What the gate is asked about. */
export interface Returning {
  readonly device: number
  readonly cell: number
}

export interface ReturnGateParts {
  readonly load: CellLoad
  /** Terminals of a cell: how many may come back at once. */
  readonly terminals: (cell: number) => number
  /** Reports a minute that a cell takes without losing any. */
  readonly perMinute: number
}

const MINUTE_S = 60
/** Never longer than the field's own second run: a report of the day must not become one of the next. */
const LONGEST_S = 3 * 3_600
/** Share of a cell's capacity that those who come back may fill; the rest is for what happens meanwhile. */
const FILL = 0.8

/**
 * After an outage of a radio cell, or of the platform, all terminals of a cell come back at once and choke it. The gate tells those
 * above the cell's capacity when to come again, spread over the time in which the cell takes them all.
 */
export class ReturnGate {
  readonly #parts: ReturnGateParts
  readonly #sizes = new Map<number, { readonly count: number; readonly until: number }>()

  constructor(parts: ReturnGateParts) {
    this.#parts = parts
  }

  /** Whether nobody need be asked about: no cell carries what it can. */
  isOpen(now: number): boolean {
    return this.#parts.load.isCalm(this.#parts.perMinute, now)
  }

  /** Seconds after which a terminal is to come again; 0 when it may come in. @param now Unix ms of the service's clock */
  wait({ device, cell }: Returning, now: number): number {
    const { load, perMinute } = this.#parts
    if (cell === NO_CELL) return 0
    const rate = load.rate(cell, now)
    if (rate < perMinute) return 0
    const spread = Math.min(LONGEST_S, (MINUTE_S * this.#size(cell, now)) / (FILL * perMinute))
    // The same share for the same terminal, so that a repeated request is told the same.
    return Math.ceil(MINUTE_S + ((device * 0.618_033_988_749_895) % 1) * spread)
  }

  #size(cell: number, now: number): number {
    const known = this.#sizes.get(cell)
    if (known !== undefined && now < known.until) return known.count
    const count = this.#parts.terminals(cell)
    this.#sizes.set(cell, { count, until: now + LONGEST_S * 1000 })
    return count
  }
}
