import type { Leak } from '../contract/index.ts'
import type { SaidLeak } from '../ledger/known-leaks.ts'
import type { PlatformEvent } from '../log/platform-events.ts'

/** A flow or a begin that moved by less is not worth a record, nor one that follows the last so soon. */
const MOVED = 0.1
const BEGAN_MS = 3_600_000
const LEAST_BETWEEN_MS = 3_600_000
/** What stands is said again so often: who reads the log from its middle hears of it too. */
const AGAIN_MS = 24 * 3_600_000

const TOLD: ReadonlySet<Leak['state']> = new Set(['confirmed', 'located', 'isolated'])

/**
 * Says which leaks go on record: those the analysis confirmed, when they change, and when they are withdrawn. The gap ledger reads them
 * from the log. What a person closed is on record by that act. After a start all that stand are said once more.
 */
export class LeakRecorder {
  readonly #said = new Map<string, { readonly leak: SaidLeak; readonly at: number }>()

  /** @param at Unix ms of the reports that the list follows from */
  take(leaks: readonly Leak[], at: number): PlatformEvent[] {
    return leaks.flatMap((leak): PlatformEvent[] => {
      const said = this.#said.get(leak.id)
      if (leak.closed !== null) {
        this.#said.delete(leak.id)
        return []
      }
      if (!TOLD.has(leak.state) && said === undefined) return []
      if (said !== undefined && !isNews(said.leak, leak, at - said.at)) return []
      const { id, kind, state, zone, detected_at, started_at, standard_flow_m3_s } = leak
      const word: SaidLeak = { id, kind, state, zone, detected_at, started_at, standard_flow_m3_s, closed: null }
      if (TOLD.has(state)) this.#said.set(id, { leak: word, at })
      else this.#said.delete(id)
      return [{ type: 'leak_finding', at, zone, leak: word }]
    })
  }
}

function isNews(before: SaidLeak, leak: Leak, passed: number): boolean {
  if (!TOLD.has(leak.state) || (leak.state === 'isolated') !== (before.state === 'isolated')) return true
  if (passed >= AGAIN_MS) return true
  const [was, is] = [before.standard_flow_m3_s.p50, leak.standard_flow_m3_s.p50]
  const moved = Math.abs(is - was) > MOVED * was || Math.abs(leak.started_at - before.started_at) > BEGAN_MS
  return moved && passed >= LEAST_BETWEEN_MS
}
