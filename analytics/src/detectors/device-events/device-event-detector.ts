/**
 * What devices tell by themselves: tamper, magnet, cover, reverse flow, valve faults, closing by the device, battery, leak.
 *
 * A report on schedule, by button or at registration carries the whole status, so an event missing in it has ended; an urgent
 * report or an answer only adds. Several events of one rule stand together: the rule ends with the last of them. Besides the
 * events, the battery voltage and the valve's own word "abnormal" are judged here.
 */
import { type AppliedReport, DEVICE_EVENTS, type DeviceEvent, type Report } from '@gastwin/twin'
import { DeviceColumns } from '../columns.ts'
import type { Detection, Detector, Evidence, RuleId } from '../detection.ts'
import { type DetectorContext, zoneIdOf } from '../detector-context.ts'
import { counts } from '../reading-time.ts'
import { EVENT_RULES } from './event-rules.table.ts'

export interface DeviceEventSettings {
  /** V: at or below is low; at or above the second is well again. */
  readonly batteryLowVolt: number
  readonly batteryWellVolt: number
}

/** A lithium cell of 3.6 V is near its end at 3.1 V under load; assumption, to be set per meter type. */
export const DEVICE_EVENT_SETTINGS: DeviceEventSettings = { batteryLowVolt: 3.1, batteryWellVolt: 3.3 }

const BIT_OF = new Map<DeviceEvent, number>(DEVICE_EVENTS.map((event, bit) => [event, 1 << bit]))
/** Our own findings stand beside the events of the same rule: a report without a voltage says nothing about the voltage. */
const BATTERY = 1 << DEVICE_EVENTS.length
const VALVE = BATTERY << 1
/** Bits of all events that belong to the same rule as the event of a bit. */
const RULE_MASK = DEVICE_EVENTS.map((event) => maskOf(EVENT_RULES[event].rule))

export class DeviceEventDetector implements Detector {
  readonly name = 'device-events'
  readonly #context: DetectorContext
  readonly #settings: DeviceEventSettings
  /** Standing events, 4 bytes a device. */
  readonly rows: DeviceColumns<{ readonly standing: typeof Uint32Array }>

  constructor(context: DetectorContext, settings: DeviceEventSettings = DEVICE_EVENT_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.rows = new DeviceColumns({ standing: Uint32Array }, context.slotCount)
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    let told: Detection[] | undefined
    for (const applied of batch) {
      if (!counts(applied)) continue
      this.rows.reach(applied.slot)
      const { standing } = this.rows.at
      const before = standing[applied.slot] ?? 0
      const after = this.#after(before, applied)
      if (after === before) continue
      standing[applied.slot] = after
      told ??= []
      this.#tell(applied, before, after, told)
    }
    return told ?? []
  }

  tick(): readonly Detection[] {
    return []
  }

  save(): unknown {
    return null
  }

  load(): void {}

  #after(before: number, { report, outcome }: AppliedReport): number {
    let told = 0
    for (const event of report.events) told |= BIT_OF.get(event) ?? 0
    told |= this.#ownJudgement(before, report)
    // A late report cannot end what newer ones said, and what it adds may be over: only urgent alarms are taken from it.
    if (outcome === 'late') return report.trigger === 'alarm' ? before | told : before
    return report.kind !== 'rtu' && (report.trigger === 'alarm' || report.trigger === 'answer') ? before | told : told
  }

  #ownJudgement(before: number, { status }: Report): number {
    let told = status.valve === 'abnormal' ? VALVE : 0
    const volt = status.batteryVolt
    if (volt === undefined) told |= before & BATTERY
    else if (volt <= this.#settings.batteryLowVolt) told |= BATTERY
    else if (volt < this.#settings.batteryWellVolt) told |= before & BATTERY
    return told
  }

  #tell(applied: AppliedReport, before: number, after: number, told: Detection[]): void {
    let rulesTold = 0
    for (const [bit, event] of DEVICE_EVENTS.entries()) {
      const mask = RULE_MASK[bit] ?? 0
      if (((before ^ after) & mask) === 0 || (rulesTold & (1 << bit)) !== 0) continue
      rulesTold |= mask
      const active = (after & mask) !== 0
      if (active === ((before & mask) !== 0)) continue
      told.push(this.#detection(applied, EVENT_RULES[event].rule, EVENT_RULES[event].strength, active, after & mask))
    }
  }

  #detection(
    applied: AppliedReport,
    rule: RuleId,
    strength: Detection['strength'],
    active: boolean,
    bits: number,
  ): Detection {
    const asset = this.#context.assetOf(applied.slot)
    const { deviceTime, status } = applied.report
    const at = applied.outcome === 'bad_clock' || Number.isNaN(deviceTime) ? applied.receivedAt : deviceTime
    const evidence: Evidence[] = DEVICE_EVENTS.filter((_, bit) => (bits & (1 << bit)) !== 0).map((event) => ({
      code: event,
      at,
      asset,
    }))
    if (rule === 'battery_low' && status.batteryVolt !== undefined) {
      evidence.push({
        code: 'battery_volt',
        at,
        asset,
        value: status.batteryVolt,
        limit: this.#settings.batteryLowVolt,
        unit: 'V',
      })
    }
    const volt = rule === 'battery_low' ? status.batteryVolt : undefined
    return {
      rule,
      asset,
      zone: zoneIdOf(this.#context, applied.slot),
      at,
      since: at,
      active,
      value: volt ?? (active ? 1 : 0),
      limit: volt === undefined ? 1 : this.#settings.batteryLowVolt,
      unit: volt === undefined ? '1' : 'V',
      strength,
      evidenceKind: 'device_event',
      evidence,
    }
  }
}

function maskOf(rule: RuleId): number {
  const own = rule === 'battery_low' ? BATTERY : rule === 'valve_abnormal' ? VALVE : 0
  return DEVICE_EVENTS.reduce((mask, event, bit) => (EVENT_RULES[event].rule === rule ? mask | (1 << bit) : mask), own)
}
