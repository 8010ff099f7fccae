const MOST_DEVICES = 10_000

/** Frames that claim a device and did not open with its key. */
export interface FailedFrames {
  readonly device: number
  readonly count: number
  readonly lastAt: number
  readonly reason: string
}

/**
 * Failed decryptions by the device that a frame claims to be of, since the start. Whoever sends noise in a device's name counts here
 * too: a number says that somebody should look, not who it was. Bounded: who failed longest ago makes room.
 */
export class FailedFrameCounts {
  readonly #devices = new Map<number, FailedFrames>()
  #total = 0

  get total(): number {
    return this.#total
  }

  get devices(): number {
    return this.#devices.size
  }

  add(device: number, reason: string, at: number): void {
    this.#total++
    const count = (this.#devices.get(device)?.count ?? 0) + 1
    this.#devices.delete(device)
    this.#devices.set(device, { device, count, lastAt: at, reason })
    const oldest = this.#devices.size > MOST_DEVICES ? this.#devices.keys().next().value : undefined
    if (oldest !== undefined) this.#devices.delete(oldest)
  }

  /** Those who failed most. */
  worst(limit: number): readonly FailedFrames[] {
    return [...this.#devices.values()].sort((a, b) => b.count - a.count).slice(0, limit)
  }
}
