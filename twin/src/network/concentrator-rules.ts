import { METER_INTERFACES, METER_PROTOCOLS, UPLINKS } from '../concentrator/concentrator.ts'
import { planFault, type ReadingPlan } from '../concentrator/reading-plan.ts'
import { type FaultList, shown } from './fault.ts'
import {
  checkFields,
  deviceNumber,
  type FieldRule,
  isRow,
  type KnownIds,
  latitude,
  list,
  longitude,
  may,
  must,
  oneOf,
  type Row,
  text,
  zoneRef,
} from './field-rules.ts'

const CONCENTRATOR: readonly FieldRule[] = [
  must('id', text),
  must('device_number', deviceNumber),
  may('zone', zoneRef),
  may('lon', longitude),
  may('lat', latitude),
  may('uplink', oneOf(...UPLINKS)),
  may('collectors', list),
  must('meters', list),
  may('neighbours', [(v) => Array.isArray(v) && v.every((id) => typeof id === 'string'), 'ids of other concentrators']),
  may('since', [(v) => typeof v === 'string' && Number.isFinite(Date.parse(v)), 'an instant in ISO 8601']),
]
const COLLECTOR: readonly FieldRule[] = [must('id', text), must('interface', oneOf(...METER_INTERFACES))]
const METER: readonly FieldRule[] = [
  must('meter', text),
  may('protocol', oneOf(...METER_PROTOCOLS)),
  may('interface', oneOf(...METER_INTERFACES)),
  may('collector', text),
  may('plan', [(v) => isRow(v) && isPlan(v), 'a plan: every (hour, day, week, month) and rising slots from 0 to 95']),
]

const isPlan = (plan: Row): boolean =>
  Array.isArray(plan['slots']) && planFault(plan as unknown as ReadingPlan) === undefined

/**
 * Checks the concentrators of a document: each has its own id, its meters exist and stand behind no other, its collectors are listed.
 * @param isMeter whether the document has a meter of this id
 */
export function checkConcentrators(
  rows: readonly unknown[],
  known: KnownIds,
  faults: FaultList,
  isMeter: (id: string) => boolean,
): void {
  const ids = new Set<unknown>()
  const owners = new Map<string, string>()
  for (const [i, row] of rows.entries()) {
    const where = `concentrators[${i}]`
    if (!isRow(row)) {
      faults.add(where, shown(row), 'an object')
      continue
    }
    checkFields(row, CONCENTRATOR, known, faults, () => where)
    if (ids.has(row['id'])) faults.add(`${where}.id`, 'used before', 'an id of its own among concentrators')
    ids.add(row['id'])
    for (const [j, neighbour] of rowsOf(row['neighbours']).entries())
      if (neighbour === row['id'] || !rows.some((other) => isRow(other) && other['id'] === neighbour))
        faults.add(`${where}.neighbours[${j}]`, shown(neighbour), 'the id of another concentrator')
    const collectors = new Set<unknown>()
    for (const [j, collector] of rowsOf(row['collectors']).entries()) {
      const at = `${where}.collectors[${j}]`
      if (!isRow(collector)) {
        faults.add(at, shown(collector), 'an object')
        continue
      }
      checkFields(collector, COLLECTOR, known, faults, () => at)
      collectors.add(collector['id'])
    }
    for (const [j, meter] of rowsOf(row['meters']).entries()) {
      const at = `${where}.meters[${j}]`
      if (!isRow(meter)) {
        faults.add(at, shown(meter), 'an object')
        continue
      }
      checkFields(meter, METER, known, faults, () => at)
      const { meter: id, collector } = meter
      if (typeof id !== 'string') continue
      if (!isMeter(id)) faults.add(`${at}.meter`, shown(id), 'the id of a meter')
      const owner = owners.get(id)
      if (owner !== undefined) faults.add(`${at}.meter`, `also behind ${owner}`, 'one concentrator for a meter')
      owners.set(id, where)
      if (typeof collector === 'string' && !collectors.has(collector))
        faults.add(`${at}.collector`, shown(collector), 'the id of a collector of this concentrator')
    }
  }
}

const rowsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
