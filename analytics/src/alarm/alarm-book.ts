import type { Detection } from '../detectors/detection.ts'
import type { ActOutcome, Alarm, AlarmKpis, AlarmSurroundings, EventRecord, FloodGroup } from './alarm.ts'
import { type AlarmPlace, belongsToGroup, groupPlace, mayOverflowIntoGroup, ownPlace } from './alarm-grouping.ts'
import { type AlarmNaming, alarmName } from './alarm-name.ts'
import {
  type AlarmRecord,
  alarmOf,
  cellOf,
  isShown,
  mergeEvidence,
  movedBeyondDeadBand,
  recordOf,
  ruleOf,
  stateOf,
} from './alarm-record.ts'
import { type SavedAlarmBook, savedRecord, unsavedRecord } from './alarm-snapshot.ts'
import { explainedBy, standingCauses } from './alarm-suppression.ts'
import { FLOOD_LIMITS, type FloodLimits, FloodMeter } from './flood-meter.ts'
import { RULES } from './rules.table.ts'

export interface AlarmBookConfig {
  readonly flood: FloodLimits
  /** Serious alarms of meters listed one by one per zone and rule, before they share a line. */
  readonly ownLinesPerZone: number
  readonly historyKept: number
  readonly eventsKept: number
  /** Longest shelving, ms. */
  readonly shelveMaxMs: number
  /** An acknowledged group that grows by this factor (and by at least ten) asks for attention again. */
  readonly regrowth: number
}

export const ALARM_BOOK_DEFAULTS: AlarmBookConfig = {
  flood: FLOOD_LIMITS,
  ownLinesPerZone: 20,
  historyKept: 5000,
  eventsKept: 5000,
  shelveMaxMs: 8 * 3_600_000,
  regrowth: 2,
}

/**
 * The operator's alarm list: detections in, alarm changes out. Event time only; the same calls in the same order give the same
 * book. One alarm per rule and asset (homes: per rule and zone), with delays, acknowledge, shelve, suppression and flood mode.
 */
export class AlarmBook {
  readonly #config: AlarmBookConfig
  readonly #surroundings: AlarmSurroundings
  readonly #byKey = new Map<string, AlarmRecord>()
  readonly #byId = new Map<string, AlarmRecord>()
  readonly #history: Alarm[] = []
  readonly #events: EventRecord[] = []
  readonly #ownLines = new Map<string, number>()
  readonly #touched = new Set<AlarmRecord>()
  readonly #flood: FloodMeter
  readonly #naming: AlarmNaming

  constructor(surroundings: AlarmSurroundings, config: Partial<AlarmBookConfig> = {}, naming: AlarmNaming = alarmName) {
    this.#surroundings = surroundings
    this.#naming = naming
    this.#config = { ...ALARM_BOOK_DEFAULTS, ...config }
    this.#flood = new FloodMeter(this.#config.flood)
  }

  /** Takes detections at event time `now` (Unix ms); returns every alarm that changed, in its new form, each once. */
  observe(detections: readonly Detection[], now: number): readonly Alarm[] {
    for (const detection of detections) this.#take(detection, now)
    return this.#settle(now)
  }

  /** Lets delays, shelving times and the flood window run; about once a minute of event time, or oftener. */
  tick(now: number): readonly Alarm[] {
    return this.#settle(now)
  }

  /** Records that a user has seen an alarm. Acknowledging twice keeps the first record. */
  acknowledge(id: string, user: string, note: string | null, now: number): ActOutcome {
    const record = this.#byId.get(id)
    if (record === undefined) return unknownAlarm(id)
    const state = stateOf(record)
    if (state === 'shelved' || state === 'suppressed') return refused(`alarm ${id} is ${state}`)
    if (record.acked === null) {
      record.acked = { at: now, by: user, note }
      record.membersAcked = record.members?.size ?? 0
      record.updatedAt = now
    }
    const alarm = alarmOf(record, this.#surroundings)
    this.#retireIfCleared(record, now)
    return { done: true, alarm }
  }

  /** Takes an alarm out of the list for 1…480 minutes. It counts as acknowledged; priority 1 cannot be shelved. */
  shelve(id: string, user: string, minutes: number, reason: string, now: number): ActOutcome {
    const record = this.#byId.get(id)
    if (record === undefined) return unknownAlarm(id)
    if (ruleOf(record).priority === 1) return refused(`alarm ${id} has priority 1: danger to life is never shelved`)
    if (!(minutes >= 1) || minutes * 60_000 > this.#config.shelveMaxMs) {
      return wrong(`shelving ${minutes} minutes: allowed are 1 to ${this.#config.shelveMaxMs / 60_000}`)
    }
    if (reason.trim().length < 3) return wrong('a reason of at least 3 characters is needed')
    if (stateOf(record) === 'suppressed') return refused(`alarm ${id} is suppressed`)
    record.acked ??= { at: now, by: user, note: reason }
    record.shelved = { until: now + minutes * 60_000, by: user, reason }
    record.updatedAt = now
    return { done: true, alarm: alarmOf(record, this.#surroundings) }
  }

  /** Ends a shelving early: a condition that still stands asks for attention anew, one that ended is gone. */
  unshelve(id: string, now: number): ActOutcome {
    const record = this.#byId.get(id)
    if (record === undefined) return unknownAlarm(id)
    if (record.shelved === null) return refused(`alarm ${id} is not shelved`)
    this.#endShelving(record, now)
    const alarm = alarmOf(record, this.#surroundings)
    this.#retireIfCleared(record, now)
    return { done: true, alarm }
  }

  get(id: string): Alarm | undefined {
    const record = this.#byId.get(id)
    if (record !== undefined) return alarmOf(record, this.#surroundings)
    return this.#history.findLast((alarm) => alarm.id === id)
  }

  /** All alarms in any state but `cleared`: by priority, then unacknowledged, then newest. */
  list(): readonly Alarm[] {
    return [...this.#byId.values()]
      .filter(isShown)
      .map((record) => alarmOf(record, this.#surroundings))
      .sort((a, b) => a.priority - b.priority || unseen(b) - unseen(a) || b.raised_at - a.raised_at)
  }

  /** Cleared alarms, newest first; bounded by the configuration. */
  history(limit = 100): readonly Alarm[] {
    return this.#history.slice(-limit).reverse()
  }

  /** Detections of rules that are events, newest first; bounded by the configuration. */
  events(limit = 100): readonly EventRecord[] {
    return this.#events.slice(-limit).reverse()
  }

  /** In a flood the listed alarms by zone with the first-out of each; empty otherwise. */
  floodGroups(): readonly FloodGroup[] {
    if (!this.#flood.flood) return []
    const groups = new Map<string | null, AlarmRecord[]>()
    for (const record of this.#byId.values()) {
      if (!isShown(record) || ruleOf(record).priority === 1 || !record.active) continue
      if (record.suppressedBy !== null || record.shelved !== null) continue
      const group = groups.get(record.zone)
      if (group === undefined) groups.set(record.zone, [record])
      else group.push(record)
    }
    return [...groups].map(([zone, records]) => ({
      zone,
      first_out: records.reduce((first, record) => (record.since < first.since ? record : first)).id,
      alarms: records.map((record) => record.id),
    }))
  }

  kpis(): AlarmKpis {
    const active = [0, 0, 0, 0]
    const count = { unacked: 0, shelved: 0, suppressed: 0 }
    for (const record of this.#byId.values()) {
      if (!isShown(record)) continue
      const state = stateOf(record)
      if (state === 'shelved' || state === 'suppressed') count[state]++
      else if (record.active) active[ruleOf(record).priority - 1] = (active[ruleOf(record).priority - 1] ?? 0) + 1
      if (state === 'active_unacked' || state === 'cleared_unacked') count.unacked++
    }
    return { active, ...count, last_10_min: this.#flood.recent, flood: this.#flood.flood }
  }

  save(): SavedAlarmBook {
    return {
      version: 1,
      records: [...this.#byId.values()].map(savedRecord),
      history: [...this.#history],
      events: [...this.#events],
      flood: this.#flood.save(),
    }
  }

  /** Restores what `save` gave; whatever the book held before is forgotten. */
  load(saved: SavedAlarmBook): void {
    this.#byKey.clear()
    this.#byId.clear()
    this.#ownLines.clear()
    this.#touched.clear()
    this.#history.splice(0, Number.POSITIVE_INFINITY, ...saved.history)
    this.#events.splice(0, Number.POSITIVE_INFINITY, ...saved.events)
    this.#flood.load(saved.flood)
    for (const record of saved.records.map(unsavedRecord)) this.#enter(record)
  }

  #take(detection: Detection, now: number): void {
    const rule = RULES[detection.rule]
    if (rule.kind === 'event') {
      const { at, asset, zone, active, value, limit, unit } = detection
      this.#events.push({ at, rule: detection.rule, asset, zone: zone ?? null, active, value, limit, unit })
      if (this.#events.length > 1.25 * this.#config.eventsKept)
        this.#events.splice(0, this.#events.length - this.#config.eventsKept)
      return
    }
    const place = this.#placeOf(detection)
    const known = this.#byKey.get(place.key)
    if (known === undefined && !detection.active) return
    const record =
      known ??
      this.#enter(recordOf(this.#nameOf(place.key, detection.since), place.key, place.asset, detection, place.grouped))
    if (record.members === null) this.#takeOwn(record, detection, now)
    else this.#takeMember(record, record.members, detection, now)
  }

  #nameOf(key: string, since: number): string {
    let name = this.#naming(key, since)
    while (this.get(name) !== undefined) name = `${name}b`
    return name
  }

  #placeOf(detection: Detection): AlarmPlace {
    const group = groupPlace(detection)
    if (belongsToGroup(detection, this.#surroundings)) return group
    const own = ownPlace(detection)
    if (this.#byKey.has(own.key) || !mayOverflowIntoGroup(detection)) return own
    if (this.#byKey.get(group.key)?.members?.has(detection.asset.id) === true) return group
    return (this.#ownLines.get(group.key) ?? 0) < this.#config.ownLinesPerZone ? own : group
  }

  #takeOwn(record: AlarmRecord, detection: Detection, now: number): void {
    if (detection.active) {
      if (!record.active || movedBeyondDeadBand(record, detection.value)) {
        record.value = detection.value
        record.limit = detection.limit
        record.unit = detection.unit
        record.evidence = mergeEvidence(record.evidence, detection.evidence)
        this.#touch(record, now)
      }
      if (!record.kinds.includes(detection.evidenceKind)) {
        if (record.kinds.length > 0) this.#touch(record, now)
        record.kinds.push(detection.evidenceKind)
        record.evidence = mergeEvidence(record.evidence, detection.evidence)
      }
      this.#begin(record, detection, now)
    } else {
      record.kinds = record.kinds.filter((kind) => kind !== detection.evidenceKind)
      if (record.kinds.length === 0) this.#end(record, now)
    }
  }

  #takeMember(record: AlarmRecord, members: Map<string, number>, detection: Detection, now: number): void {
    const { id } = detection.asset
    if (detection.active) {
      if (members.has(id)) return
      members.set(id, cellOf(detection))
      record.evidence = mergeEvidence(record.evidence, [
        {
          code: detection.rule,
          at: detection.at,
          asset: detection.asset,
          value: detection.value,
          limit: detection.limit,
          unit: detection.unit,
        },
      ])
      this.#begin(record, detection, now)
      const grown =
        members.size >= this.#config.regrowth * record.membersAcked && members.size >= record.membersAcked + 10
      if (record.acked !== null && record.shelved === null && grown) this.#askAgain(record, now)
    } else {
      if (!members.delete(id)) return
      if (members.size === 0) this.#end(record, now)
    }
    record.value = members.size
    record.limit = 0
    record.unit = '1'
    this.#touch(record, now)
  }

  #begin(record: AlarmRecord, detection: Detection, now: number): void {
    record.endedAt = null
    if (record.active) return
    record.active = true
    record.firstActiveAt = now
    record.clearedAt = null
    if (!isShown(record)) return
    record.since = detection.since
    this.#askAgain(record, now)
  }

  #askAgain(record: AlarmRecord, now: number): void {
    record.occurrences++
    record.acked = null
    record.membersAcked = 0
    if (record.suppressedBy === null && record.shelved === null) this.#flood.count(now)
    this.#touch(record, now)
  }

  #end(record: AlarmRecord, now: number): void {
    if (!isShown(record)) this.#forget(record)
    else if (record.active) record.endedAt ??= now
  }

  #settle(now: number): readonly Alarm[] {
    const fresh = new Set<AlarmRecord>()
    for (const record of this.#byId.values()) {
      this.#runDelays(record, now)
      if (isShown(record) || now - record.firstActiveAt < ruleOf(record).onDelayMs) continue
      record.raisedAt = now
      fresh.add(record)
    }
    const causes = standingCauses(this.#byId.values())
    for (const record of this.#byId.values()) {
      if (fresh.has(record)) this.#show(record, explainedBy(record, causes), now)
      else if (isShown(record) && record.active) this.#suppress(record, explainedBy(record, causes), now)
    }
    this.#flood.settle(now)
    const changed: Alarm[] = []
    for (const record of this.#touched) {
      if (!isShown(record)) continue
      changed.push(alarmOf(record, this.#surroundings))
      this.#retireIfCleared(record, now)
    }
    this.#touched.clear()
    return changed
  }

  #runDelays(record: AlarmRecord, now: number): void {
    if (record.endedAt !== null && now - record.endedAt >= ruleOf(record).offDelayMs) {
      record.active = false
      record.clearedAt = record.endedAt
      record.endedAt = null
      this.#touch(record, now)
    }
    if (record.shelved !== null && now >= record.shelved.until) this.#endShelving(record, now)
  }

  #show(record: AlarmRecord, explanation: string | null, now: number): void {
    record.occurrences = 1
    record.suppressedBy = explanation
    if (explanation === null) this.#flood.count(now)
    this.#touch(record, now)
  }

  #suppress(record: AlarmRecord, explanation: string | null, now: number): void {
    if (record.suppressedBy === explanation) return
    const wasHidden = record.suppressedBy !== null
    record.suppressedBy = explanation
    if (wasHidden && explanation === null && record.acked === null) this.#flood.count(now)
    this.#touch(record, now)
  }

  #endShelving(record: AlarmRecord, now: number): void {
    record.shelved = null
    if (record.active) {
      record.acked = null
      this.#flood.count(now)
    }
    this.#touch(record, now)
  }

  #retireIfCleared(record: AlarmRecord, now: number): void {
    if (stateOf(record) !== 'cleared') return
    record.clearedAt ??= now
    this.#history.push(alarmOf(record, this.#surroundings))
    if (this.#history.length > 1.25 * this.#config.historyKept)
      this.#history.splice(0, this.#history.length - this.#config.historyKept)
    this.#forget(record)
  }

  #touch(record: AlarmRecord, now: number): void {
    record.updatedAt = now
    this.#touched.add(record)
  }

  #enter(record: AlarmRecord): AlarmRecord {
    this.#byKey.set(record.key, record)
    this.#byId.set(record.id, record)
    this.#countOwnLine(record, 1)
    return record
  }

  #forget(record: AlarmRecord): void {
    if (!this.#byId.delete(record.id)) return
    this.#byKey.delete(record.key)
    this.#touched.delete(record)
    this.#countOwnLine(record, -1)
  }

  #countOwnLine(record: AlarmRecord, by: 1 | -1): void {
    if (record.asset.kind !== 'meter') return
    const line = `${record.rule}|group|${record.zone ?? ''}`
    const count = (this.#ownLines.get(line) ?? 0) + by
    if (count > 0) this.#ownLines.set(line, count)
    else this.#ownLines.delete(line)
  }
}

function unseen(alarm: Alarm): number {
  return alarm.state === 'active_unacked' || alarm.state === 'cleared_unacked' ? 1 : 0
}

function unknownAlarm(id: string): ActOutcome {
  return { done: false, code: 'API_NOT_FOUND', detail: `no alarm ${id} stands` }
}

function refused(detail: string): ActOutcome {
  return { done: false, code: 'API_CONFLICT', detail }
}

function wrong(detail: string): ActOutcome {
  return { done: false, code: 'API_INPUT', detail }
}
