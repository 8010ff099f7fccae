import type { GapStated } from '../ledger/ledger-messages.ts'
import type { EventLog } from '../log/event-log.ts'
import { type PlatformEvent, recordEvents } from '../log/platform-events.ts'

/** The log takes so many at once without making reports wait. */
const AT_ONCE = 200

/** Puts a statement of the gap on record: what is new or changed. The database and the next start read it from there. */
export async function recordStated(
  log: EventLog,
  { at, statementsToRecord, suspectsToRecord }: Pick<GapStated, 'at' | 'statementsToRecord' | 'suspectsToRecord'>,
): Promise<void> {
  const events: PlatformEvent[] = [
    ...statementsToRecord.map(
      (recorded): PlatformEvent => ({ type: 'gap_statement', at, zone: recorded.statement.zone, recorded }),
    ),
    ...suspectsToRecord.map((recorded): PlatformEvent => {
      const device = Number(recorded.suspect.device)
      const { zone } = recorded.suspect
      return { type: 'gap_suspect', at, zone, device: Number.isSafeInteger(device) ? device : 0, recorded }
    }),
  ]
  for (let i = 0; i < events.length; i += AT_ONCE) await recordEvents(log, events.slice(i, i + AT_ONCE))
}
