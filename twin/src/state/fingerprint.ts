import { DEVICE_EVENTS, type DeviceEvent, type Report } from '../reading/report.ts'

const BIT = new Map<DeviceEvent, number>(DEVICE_EVENTS.map((event, i) => [event, 1 << i]))
const scratch = new Float64Array(1)
const words = new Uint32Array(scratch.buffer)

/** Events as a mask, bit order of DEVICE_EVENTS. */
export function eventMask(events: readonly DeviceEvent[]): number {
  let mask = 0
  for (const event of events) mask |= BIT.get(event) ?? 0
  return mask
}

export function eventsOf(mask: number): readonly DeviceEvent[] {
  return DEVICE_EVENTS.filter((_, i) => (mask & (1 << i)) !== 0)
}

/** 32 bits of what a report says, never 0: a repeated report has the same, another one hardly ever. */
export function fingerprintOf(report: Report): number {
  let h = mix(0x9e3779b9, report.deviceTime)
  h = mix(h, report.sequence)
  h = mix(h, eventMask(report.events) + 65_536 * report.readings.length)
  for (const reading of report.readings) h = mix(mix(h, reading.at), reading.value)
  // A device that began anew counts anew: its registration differs from the one before in the port only.
  if (report.status.servicePort !== undefined) h = mix(h, report.status.servicePort)
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0 || 1
}

function mix(h: number, value: number): number {
  scratch[0] = value
  return step(step(h, words[0] ?? 0), words[1] ?? 0)
}

function step(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51)
  const turned = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0
}
