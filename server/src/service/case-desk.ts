import { UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { CaseRequest, Suspect } from '../contract/index.ts'
import { type CaseBook, caseAct } from '../ledger/case-book.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import type { LedgerDesk } from './ledger-desk.ts'

export interface CaseDeskParts {
  readonly book: CaseBook
  readonly ledger: LedgerDesk
  readonly log: EventLog
  readonly audit: AuditLog
  /** Service clock, Unix ms. */
  readonly now: () => number
  /** Told when the list of suspects is another. */
  readonly onChanged: (at: number) => void
}

/** What people do about suspects: first on record, then in the audit, then in force. */
export class CaseDesk {
  readonly #parts: CaseDeskParts

  constructor(parts: CaseDeskParts) {
    this.#parts = parts
  }

  /**
   * @returns the suspect as it stands after it
   * @throws UsageError API_NOT_FOUND when nothing is or was suspected of the meter, API_INPUT; (rejects) StoreError LOG_FULL
   */
  async act(meter: string, request: CaseRequest, user: string): Promise<Suspect> {
    const { book, ledger, log, audit, now, onChanged } = this.#parts
    const finding = ledger.findingOf(meter)
    const at = now()
    const act = caseAct(request, { meter, at, user, finding: finding ?? null })
    if (typeof act === 'string') throw new UsageError('API_INPUT', act)
    const subject = finding ?? ledger.lastFindingOf(meter)
    if (subject === undefined) throw new UsageError('API_NOT_FOUND', `nothing is suspected of a meter "${meter}"`)
    const device = Number(subject.device)
    await recordEvents(log, [
      {
        ...{ type: 'suspect_case', at, zone: subject.zone, device: Number.isSafeInteger(device) ? device : 0 },
        act: { ...act, finding: subject },
      },
    ])
    await audit.append(at, 'suspect_case', {
      ...{ meter, by: user, state: act.state, found: act.found, detail: act.note },
    })
    book.take({ ...act, finding: subject })
    onChanged(at)
    return { ...subject, case: book.caseOf(subject) }
  }
}
