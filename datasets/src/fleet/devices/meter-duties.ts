import type { MeterVoice } from './meter-voice.ts'
import type { SpeakingMeter } from './speaking-meter.ts'

/** What the calendar brings to a meter of any kind, by its row; rows that stand elsewhere are passed over. */
export class MeterDuties<M extends SpeakingMeter> {
  readonly #meters: ReadonlyMap<number, M>
  readonly #voice: MeterVoice<M>

  constructor(meters: ReadonlyMap<number, M>, voice: MeterVoice<M>) {
    this.#meters = meters
    this.#voice = voice
  }

  /** The second run of a report that nobody answered. */
  retry(row: number): void {
    this.#of(row, (meter) => this.#voice.retry(meter))
  }

  /** It was told to start again, and is up. */
  startUp(row: number): void {
    this.#of(row, (meter) => this.#voice.startUp(meter))
  }

  /** It speaks on another way to the platform for the first time. */
  moved(row: number): void {
    this.#of(row, (meter) => this.#voice.moved(meter))
  }

  /** The instant has come from which prices hold that were told before. */
  pricesBegin(row: number): void {
    this.#of(row, (meter) => this.#voice.pricesBegin(meter))
  }

  /** By what steps a meter prices, in yuan a m³; undefined while it was told none. */
  pricesOf(row: number): M['prices'] {
    return this.#meters.get(row)?.prices
  }

  #of(row: number, tell: (meter: M) => void): void {
    const meter = this.#meters.get(row)
    if (meter !== undefined) tell(meter)
  }
}
