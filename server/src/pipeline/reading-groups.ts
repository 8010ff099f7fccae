import { type ConcentratorBook, DEVICE_KINDS, type FleetState, METER_KINDS, type Network } from '@gastwin/twin'

/** What readings are counted by. */
export interface ReadingGroup {
  /** '' for none. */
  readonly zone: string
  /** Vendor profile, '' for none. */
  readonly maker: string
  readonly technology: string
  readonly medium: string
}

const METER = DEVICE_KINDS.indexOf('meter')
const WEEK_MINUTES = 7 * 1440

/** Which group of readings each meter belongs to, as one word, and the words taken apart. */
export class ReadingGroups {
  readonly #network: Network
  readonly #fleet: FleetState
  readonly #concentrators: ConcentratorBook
  readonly #words = new Map<number, string>()
  #sizes: ReadonlyMap<string, number> = new Map()
  /** Rows of the fleet when they were counted. */
  #sized = -1

  constructor(network: Network, fleet: FleetState, concentrators: ConcentratorBook) {
    this.#network = network
    this.#fleet = fleet
    this.#concentrators = concentrators
  }

  /** Whether a row is a meter that owes a value a day. */
  owesDaily(slot: number): boolean {
    const c = this.#fleet.columns
    return c.kind[slot] === METER && (c.readEveryMinutes[slot] ?? 0) < WEEK_MINUTES
  }

  readonly wordOf = (slot: number): string => {
    const { meters, zones } = this.#network
    const row = this.#fleet.columns.asset[slot] ?? -1
    const zone = this.#fleet.columns.zone[slot] ?? -1
    const behind = this.#concentrators.ofMeter(this.#fleet.columns.number[slot] ?? 0)
    const port = behind?.meter(this.#fleet.columns.number[slot] ?? 0)?.archived.interface
    const technology = port ?? 'cellular'
    // One text for the meters of one kind: ten million must not make as many.
    const key =
      (zone + 1) * 4096 +
      (meters.profile[row] ?? 0) * 16 +
      (meters.kind[row] ?? 0) * 4 +
      TECHNOLOGIES.indexOf(technology)
    let word = this.#words.get(key)
    if (word === undefined) {
      const maker = meters.words.profile[meters.profile[row] ?? 0] ?? ''
      const medium = METER_KINDS[meters.kind[row] ?? 0] ?? 'gas'
      word = JSON.stringify([zones.ids[zone] ?? '', maker, technology, medium])
      this.#words.set(key, word)
    }
    return word
  }

  groupOf(word: string): ReadingGroup {
    const [zone = '', maker = '', technology = '', medium = ''] = JSON.parse(word) as string[]
    return { zone, maker, technology, medium }
  }

  /** Meters that owe a value a day, by group; counted again when rows were added. */
  sizes(): ReadonlyMap<string, number> {
    if (this.#sized === this.#fleet.count) return this.#sizes
    const sizes = new Map<string, number>()
    for (let slot = 0; slot < this.#fleet.count; slot++) {
      if (!this.owesDaily(slot)) continue
      const word = this.wordOf(slot)
      sizes.set(word, (sizes.get(word) ?? 0) + 1)
    }
    this.#sizes = sizes
    this.#sized = this.#fleet.count
    return sizes
  }
}

const TECHNOLOGIES: readonly string[] = ['cellular', 'lora', 'm_bus', 'rs_485']
