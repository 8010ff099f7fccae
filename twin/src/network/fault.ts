/** One broken rule of a document: where it stands, what is there, what was expected. */
export interface Fault {
  /** JSON path with the thing's id, e.g. `pipes[12] "P-7".from`. */
  readonly where: string
  readonly what: string
  readonly expected: string
}

/** More faults than a person can read are counted, not kept. */
const KEPT = 100_000

/** Collects every fault of a document. */
export class FaultList {
  readonly #kept: Fault[] = []
  #count = 0

  /** How many were found, kept or not. */
  get count(): number {
    return this.#count
  }

  add(where: string, what: string, expected: string): void {
    this.#count += 1
    if (this.#kept.length < KEPT) this.#kept.push({ where, what, expected })
  }

  list(): readonly Fault[] {
    const more = this.#count - this.#kept.length
    if (more === 0) return this.#kept
    return [...this.#kept, { where: 'document', what: `${more} more faults`, expected: 'none' }]
  }
}

/** A value as it is shown in a fault, shortened. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
