import type { TamperCode, TamperEvent } from '@gastwin/analytics'
import type { DeviceEvent, Report } from '@gastwin/twin'

const CODES: Partial<Record<DeviceEvent, TamperCode>> = {
  dismantled: 'tamper',
  magnet: 'magnet',
  cover_open: 'cover',
  reverse_flow: 'reverse_flow',
}
const DAY_MS = 86_400_000
/** What a register may still count after its valve closed: gas between the two, and the digit that was turning, m³. */
const AFTER_CLOSING_M3 = 0.2

/** What meters noticed by themselves, and registers that go on behind a closed valve; each code once a day. */
export class TamperBook {
  readonly #keptMs: number
  readonly #events = new Map<number, TamperEvent[]>()
  /** Register at the first report that the valve is closed, by meter. */
  readonly #closedAt = new Map<number, number>()

  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  /** @param at when the meter spoke, Unix ms @param index its register, m³; NaN when the report has none */
  take(meter: number, report: Report, at: number, index: number): void {
    for (const event of report.events) {
      const code = CODES[event]
      if (code !== undefined) this.#add(meter, { code, at })
    }
    if (report.status.valve === 'open') this.#closedAt.delete(meter)
    else if (report.status.valve === 'closed' && !Number.isNaN(index)) {
      const begin = this.#closedAt.get(meter)
      if (begin === undefined) this.#closedAt.set(meter, index)
      else if (index > begin + AFTER_CLOSING_M3) this.#add(meter, { code: 'valve_closed_but_flowing', at })
    }
  }

  /** Events by meter, oldest first; those from before the kept time are forgotten. */
  events(now: number): ReadonlyMap<number, readonly TamperEvent[]> {
    for (const [meter, events] of this.#events) {
      const kept = events.filter(({ at }) => at > now - this.#keptMs).sort((a, b) => a.at - b.at)
      if (kept.length === 0) this.#events.delete(meter)
      else this.#events.set(meter, kept)
    }
    return this.#events
  }

  #add(meter: number, event: TamperEvent): void {
    const known = this.#events.get(meter)
    if (known === undefined) this.#events.set(meter, [event])
    else if (!known.some(({ code, at }) => code === event.code && Math.abs(at - event.at) < DAY_MS / 2))
      known.push(event)
  }
}
