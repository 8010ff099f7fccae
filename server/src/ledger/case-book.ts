import type { CaseRequest, SuspectCase, SuspectFinding } from '../contract/index.ts'
import { SUSPECTED } from './suspect-record.ts'

/** What somebody did about a suspicion, as it goes on record. */
export interface CaseAct {
  readonly meter: string
  /** Service clock, Unix ms. */
  readonly at: number
  readonly user: string
  readonly state: SuspectCase['state']
  readonly found: SuspectCase['found']
  readonly note: string | null
  /** The suspicion as it stood then; null when nothing was suspected any more. */
  readonly finding: SuspectFinding | null
}

/** From this growth of a probability on, evidence counts as new. */
const GROWN = 0.2
const MOST_ACTS = 100

const NOTHING_DONE: SuspectCase = { state: 'new', at: null, user: null, found: null, note: null, again: false }

/**
 * What people did about suspects; follows from the acts in their order. A closed case comes back by itself when evidence has come
 * after the close: that is no act, and is told anew each time.
 */
export class CaseBook {
  readonly #acts = new Map<string, CaseAct[]>()

  /** All acts, oldest first by meter. */
  get acts(): readonly CaseAct[] {
    return [...this.#acts.values()].flat()
  }

  /** The last act of each closed case. */
  get closed(): readonly CaseAct[] {
    return [...this.#acts.values()].flatMap((acts) => {
      const last = acts.at(-1)
      return last?.state === 'closed' ? [last] : []
    })
  }

  take(act: CaseAct): void {
    const known = this.#acts.get(act.meter) ?? []
    this.#acts.set(act.meter, [...known, act].slice(-MOST_ACTS))
  }

  /** What was done about a meter, oldest first. */
  history(meter: string): SuspectCase[] {
    return (this.#acts.get(meter) ?? []).map(asCase)
  }

  /** How a suspicion stands. */
  caseOf(finding: SuspectFinding): SuspectCase {
    const last = this.#acts.get(finding.meter)?.at(-1)
    if (last === undefined) return NOTHING_DONE
    if (last.state !== 'closed' || !isNewEvidence(finding, last)) return asCase(last)
    return { ...asCase(last), state: 'new', again: true }
  }

  /** How a closed case stands of which nothing is suspected any more. */
  closedCase(act: CaseAct): SuspectCase {
    return asCase(act)
  }
}

/** An act by a request. @returns a sentence when the request is wrong in itself */
export function caseAct(
  request: CaseRequest,
  more: Pick<CaseAct, 'meter' | 'at' | 'user' | 'finding'>,
): CaseAct | string {
  const { state, found, note } = request
  if (state === 'closed' && found === undefined)
    return 'a case is closed with what was found: theft, meter_fault, nothing or other'
  if (state !== 'closed' && found !== undefined) return `what was found belongs to a closed case, not to ${state}`
  if (found === 'other' && (note ?? '').trim() === '') return 'something else was found: say what in the note'
  return { ...more, state, found: found ?? null, note: note === undefined || note.trim() === '' ? null : note.trim() }
}

const asCase = ({ state, at, user, found, note }: CaseAct): SuspectCase => ({
  state,
  at,
  user,
  found,
  note,
  again: false,
})

/**
 * Evidence that came after a close: a reason that was not there, one that began since, one that has grown, or an event of the meter.
 * What the readings of before go on to say is not new.
 */
function isNewEvidence(finding: SuspectFinding, { at, finding: then }: CaseAct): boolean {
  const before = new Map(
    [then, ...(then?.also ?? [])].flatMap((one) => (one === null ? [] : [[one.kind, one.probability]])),
  )
  return [finding, ...finding.also].some(({ kind, probability, since, facts }) => {
    if (probability < SUSPECTED) return false
    const known = before.get(kind)
    if (known === undefined || probability >= known + GROWN) return true
    return (since !== null && since > at) || facts.some((fact) => EVENTS.has(fact.code) && (fact.at ?? 0) > at)
  })
}

const EVENTS: ReadonlySet<string> = new Set(['tamper', 'magnet', 'cover', 'reverse_flow', 'valve_closed_but_flowing'])
