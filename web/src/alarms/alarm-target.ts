import type { Alarm } from '@gastwin/server/contract'
import type { MapGeometry } from '../map/geometry.ts'
import { middleOfZone } from '../map/hit-finder.ts'
import { SELECTABLE, type Selection } from '../state/selection.ts'

/** What the console looks at when an alarm is chosen: its asset. */
export function selectionOf(alarm: Alarm): Selection {
  const kind = SELECTABLE.find((k) => k === alarm.asset.kind) ?? 'system'
  return { kind, id: alarm.asset.id, alarm: alarm.id }
}

/** Where an alarm is drawn: its own place, else the middle of its zone, else nowhere. */
export function placeOfAlarm(alarm: Alarm, geometry: MapGeometry): readonly [lon: number, lat: number] | undefined {
  if (alarm.lon !== null && alarm.lat !== null) return [alarm.lon, alarm.lat]
  return alarm.zone === null ? undefined : middleOfZone(geometry, alarm.zone)
}
