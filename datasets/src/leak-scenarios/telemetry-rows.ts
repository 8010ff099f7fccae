/** Rows of an archive before they are put in order of arrival. */
export interface TelemetryRow {
  readonly arrives: number
  readonly time: number
  readonly asset: string
  readonly quantity: string
  readonly value: number
}

/** Collects rows and gives them in the order in which a centre would have received them. */
export class ArrivalOrder {
  readonly #rows: TelemetryRow[] = []

  add(arrives: number, time: number, asset: string, quantity: string, value: number): void {
    this.#rows.push({ arrives, time, asset, quantity, value })
  }

  rows(): TelemetryRow[] {
    return this.#rows.sort((a, b) => a.arrives - b.arrives)
  }
}
