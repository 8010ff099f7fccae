import { type Network, UsageError } from '@gastwin/twin'
import type { ClosedLeak, ClosedLeaks } from '../analysis/closed-leaks.ts'
import type { AuditLog } from '../command/audit-log.ts'
import type { Leak, LeakClosing } from '../contract/index.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import type { AnalysisDesk } from './analysis-desk.ts'

interface LeakDeskParts {
  readonly analysis: AnalysisDesk
  readonly network: Network
  readonly book: ClosedLeaks
  readonly log: EventLog
  readonly audit: AuditLog
  /** Service clock, Unix ms. */
  readonly now: () => number
  /** Told when the list of leaks is another. */
  readonly onChanged: () => void
}

/** What people say of leaks: first on record, then in the audit, then in force. The analysis hears of it from the log. */
export class LeakDesk {
  readonly #parts: LeakDeskParts

  constructor(parts: LeakDeskParts) {
    this.#parts = parts
  }

  /**
   * Ends a leak with what was found, or corrects what was said of one that was not repaired.
   * @throws UsageError API_NOT_FOUND when no such leak is open or can be corrected, API_INPUT, NET_UNKNOWN; (rejects) StoreError LOG_FULL
   */
  async close(id: string, request: LeakClosing, user: string): Promise<Leak> {
    const { analysis, book, log, audit, now, onChanged } = this.#parts
    const open = analysis.leaks.find((leak) => leak.id === id && leak.closed === null && leak.state !== 'dismissed')
    const said = open === undefined ? book.list.findLast((leak) => leak.id === id) : undefined
    const known = open ?? said
    if (known === undefined) throw new UsageError('API_NOT_FOUND', `no leak "${id}" is open`)
    if (said?.closed.found === 'repaired')
      throw new UsageError('API_NOT_FOUND', `no leak "${id}" is open: it was repaired; if it leaks, it is found anew`)
    const { found, pipe, note } = this.#checked(request)
    const at = now()
    const before = said === undefined ? undefined : [...(said.closed.before ?? []), saidOf(said)]
    const leak: ClosedLeak = {
      ...known,
      state: 'closed',
      closed: { at, user, found, pipe, note, ...(before === undefined ? {} : { before }) },
    }
    await recordEvents(log, [{ type: 'leak_closed', at, zone: leak.zone, leak }])
    await audit.append(at, 'leak_closed', {
      zone: leak.zone,
      by: user,
      found,
      ...(said === undefined ? {} : { corrects: said.closed.found }),
      detail: [id, pipe, note].join(' ').trim(),
    })
    book.take(leak)
    analysis.review(at)
    onChanged()
    return leak
  }

  #checked({ found, pipe = '', note = '' }: LeakClosing) {
    const { edges } = this.#parts.network
    const place = pipe.trim()
    const words = note.trim()
    if (found === 'other' && words === '')
      throw new UsageError('API_INPUT', 'another cause was found: say which in the note')
    if (found !== 'repaired' && place !== '')
      throw new UsageError('API_INPUT', `a pipe belongs to a leak that was repaired, not to "${found}"`)
    const row = (edges.numberOf.get(place) ?? -1) - edges.first.pipe
    if (place !== '' && (row < 0 || row >= edges.countOf.pipe))
      throw new UsageError('NET_UNKNOWN', `the network has no pipe "${place}"`)
    return { found, pipe: place || null, note: words || null }
  }
}

const saidOf = ({ closed: { at, user, found } }: ClosedLeak) => ({ at, user, found })
