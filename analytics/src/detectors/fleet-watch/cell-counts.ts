/** Physical cell ids are 0…503. */
const CELLS_PER_ZONE = 512

/** Number of a radio cell: ids of cells repeat in a city, so the zone belongs to it. NO_CELL when one of the two is not known. */
export function cellKey(zone: number, pci: number): number {
  return zone < 0 || pci >= CELLS_PER_ZONE ? NO_CELL : zone * CELLS_PER_ZONE + pci
}
export const NO_CELL = -1

export function zoneOfCell(key: number): number {
  return Math.floor(key / CELLS_PER_ZONE)
}

/** Name for people: `cell-<zone row>-<pci>`. */
export function cellName(key: number, zone: string | undefined): string {
  return `cell-${zone ?? '?'}-${key % CELLS_PER_ZONE}`
}

/** Members and overdue members of each cell during one pass over the fleet. */
export class CellCounts {
  #members: Uint32Array
  #overdue: Uint32Array

  constructor(zones: number) {
    this.#members = new Uint32Array(zones * CELLS_PER_ZONE)
    this.#overdue = new Uint32Array(zones * CELLS_PER_ZONE)
  }

  count(key: number, overdue: boolean): void {
    this.#members[key] = (this.#members[key] ?? 0) + 1
    if (overdue) this.#overdue[key] = (this.#overdue[key] ?? 0) + 1
  }

  /** Calls back for every cell that has members, then begins anew. */
  finish(each: (key: number, members: number, overdue: number) => void): void {
    for (let key = 0; key < this.#members.length; key++) {
      const members = this.#members[key] ?? 0
      if (members > 0) each(key, members, this.#overdue[key] ?? 0)
    }
    this.#members.fill(0)
    this.#overdue.fill(0)
  }

  save() {
    const rows: number[] = []
    this.#members.forEach((members, key) => {
      if (members > 0) rows.push(key, members, this.#overdue[key] ?? 0)
    })
    return rows
  }

  load(rows: readonly number[]): void {
    this.#members.fill(0)
    this.#overdue.fill(0)
    for (let i = 0; i < rows.length; i += 3) {
      this.#members[rows[i] ?? 0] = rows[i + 1] ?? 0
      this.#overdue[rows[i] ?? 0] = rows[i + 2] ?? 0
    }
  }
}
