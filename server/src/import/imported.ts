/** What a reader of a network file is told besides the text. */
export interface ImportOptions {
  /** Name of the network where the file has none. */
  readonly name: string
  /** GasLib: text of the nomination (`.scn`). */
  readonly scenario?: string
  /** EPANET: seconds since the start of the patterns. */
  readonly patternTimeS?: number
}

/** A network file as `gastwin-network/1`, not yet checked, and what of the file could not be used: one line each. */
export interface Imported {
  readonly document: unknown
  readonly notes: readonly string[]
}

/** A file that cannot be read at all as the format it seems to be. */
export class ImportFault extends Error {}

/** Collects notes; the same one only once, with how often and the first ids it was said of. */
export class Notes {
  readonly #said = new Map<string, string[]>()

  /** @param of ids of what the note is about */
  add(note: string, ...of: readonly string[]): void {
    const ids = this.#said.get(note)
    if (ids === undefined) this.#said.set(note, [...of])
    else ids.push(...of)
  }

  list(): readonly string[] {
    return [...this.#said].map(([note, ids]) => {
      if (ids.length === 0) return note
      const shown = ids.slice(0, 5).join(', ')
      return `${note}: ${shown}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}`
    })
  }
}
