import type { AssetRef, Detection } from '../detectors/detection.ts'
import type { AlarmSurroundings } from './alarm.ts'
import { RULES } from './rules.table.ts'

/** Where a detection belongs: an alarm of its own asset, or the one alarm of its zone and rule. */
export interface AlarmPlace {
  readonly key: string
  readonly asset: AssetRef
  readonly grouped: boolean
}

export function ownPlace(detection: Detection): AlarmPlace {
  const { rule, asset } = detection
  return { key: `${rule}|${asset.kind}|${asset.id}`, asset, grouped: false }
}

export function groupPlace(detection: Detection): AlarmPlace {
  const zone = detection.zone ?? ''
  const asset: AssetRef = zone === '' ? { kind: 'system', id: 'meters' } : { kind: 'zone', id: zone }
  return { key: `${detection.rule}|group|${zone}`, asset, grouped: true }
}

/** Homes report by the ten thousand: their general alarms share one line per zone and rule. */
export function belongsToGroup(detection: Detection, surroundings: AlarmSurroundings): boolean {
  if (detection.asset.kind !== 'meter' || RULES[detection.rule].grade === 'serious') return false
  return (surroundings.meterClass(detection.asset.id) ?? 'residential') === 'residential'
}

/** Serious alarms of meters stand alone up to a number, then share a line as well; danger to life never does. */
export function mayOverflowIntoGroup(detection: Detection): boolean {
  return detection.asset.kind === 'meter' && RULES[detection.rule].priority > 1
}
