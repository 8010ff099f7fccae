import type { QuarantineItem } from '../contract/index.ts'
import { toHex } from '../protocol/index.ts'

const KEPT = 2_000

export interface QuarantineEntry {
  readonly reason: string
  readonly detail: string
  /** host:port */
  readonly source: string
  readonly device: string | null
  readonly receivedAt: number
  readonly payload: Uint8Array
}

/**
 * What came in and could not be taken: unreadable frames, unknown devices. One line per source, device and reason with a count
 * and the newest bytes; all bytes are in the log and in the database. Bounded: the line unheard longest makes room.
 */
export class Quarantine {
  readonly #items = new Map<string, QuarantineItem>()
  #total = 0

  get total(): number {
    return this.#total
  }

  add(entry: QuarantineEntry): void {
    this.#total++
    const id = `${entry.reason}|${entry.device ?? entry.source}`
    const before = this.#items.get(id)
    this.#items.delete(id)
    this.#items.set(id, {
      id,
      reason: entry.reason,
      detail: entry.detail,
      source: entry.source,
      device: entry.device,
      received_at: entry.receivedAt,
      count: (before?.count ?? 0) + 1,
      bytes_hex: toHex(entry.payload.subarray(0, 512)),
    })
    if (this.#items.size > KEPT) {
      const oldest = this.#items.keys().next().value
      if (oldest !== undefined) this.#items.delete(oldest)
    }
  }

  /** A device is no longer a stranger: its lines go, its frames stay in the log and in the database. */
  release(device: string): void {
    for (const [id, item] of this.#items) if (item.device === device) this.#items.delete(id)
  }

  /** Newest first. */
  list(limit: number): QuarantineItem[] {
    return [...this.#items.values()].reverse().slice(0, limit)
  }
}
