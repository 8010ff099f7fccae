import { type AlarmRecord, isShown, NO_CELL, ruleOf } from './alarm-record.ts'
import { SUPPRESSIONS } from './rules.table.ts'

/** Standing causes by `rule|asset` or `rule|cell`, each with the id of the alarm that explains. */
export type StandingCauses = ReadonlyMap<string, string>

export function standingCauses(records: Iterable<AlarmRecord>): StandingCauses {
  const causes = new Map<string, string>()
  for (const record of records) {
    if (!record.active || !isShown(record) || record.members !== null) continue
    for (const { cause, match } of SUPPRESSIONS) {
      if (cause !== record.rule) continue
      causes.set(causeKey(cause, match === 'asset' ? record.asset.id : record.cell), record.id)
    }
  }
  return causes
}

/** Id of the alarm whose cause explains this one, or null. A group is explained when all its members are. */
export function explainedBy(record: AlarmRecord, causes: StandingCauses): string | null {
  if (causes.size === 0 || ruleOf(record).priority === 1) return null
  for (const { cause, effects, match } of SUPPRESSIONS) {
    if (!effects.includes(record.rule)) continue
    const found =
      match === 'asset' ? causes.get(causeKey(cause, record.asset.id)) : explainedCell(record, cause, causes)
    if (found !== undefined && found !== record.id) return found
  }
  return null
}

function explainedCell(record: AlarmRecord, cause: string, causes: StandingCauses): string | undefined {
  if (record.members === null) return record.cell === NO_CELL ? undefined : causes.get(causeKey(cause, record.cell))
  let explanation: string | undefined
  for (const cell of record.members.values()) {
    explanation = cell === NO_CELL ? undefined : causes.get(causeKey(cause, cell))
    if (explanation === undefined) return undefined
  }
  return explanation
}

function causeKey(cause: string, about: string | number): string {
  return `${cause}|${about}`
}
