import type { Network } from '@gastwin/twin'
import type { OpenIncident } from './open-incident.ts'
import { PatternTrace } from './pattern-trace.ts'
import { BLOCK_H, type TraceSource } from './trace-source.ts'

/** A trace begins anew when its begin turned out to be off by this many hours, and not more often than it. */
const RETRACE_H = 6

/** The zone that an incident is in, and what its balance says of the flow. */
export interface TracedZone {
  readonly network: Network
  readonly zone: number
  /** Largest flow the leak may have, kg/s. */
  readonly largest: number
  /** Flow of a leak that does not act in proportion, kg/s; 0 of a smaller one. */
  readonly expected: number
}

/**
 * Brings the trace of an incident's pressures up to an hour, from the begin that its balance says.
 * @param hour  Unix hours
 * @returns the trace; nothing while no history from before the begin is known
 */
export function followTrace(
  open: OpenIncident,
  hour: number,
  source: TraceSource,
  { network, zone, largest, expected }: TracedZone,
): PatternTrace | undefined {
  const { begin } = open.balance
  const off = Math.abs(begin - (open.trace?.begin ?? 0))
  if (open.trace === undefined || (off >= RETRACE_H && hour - open.retracedAt >= RETRACE_H)) {
    const start = source.before(begin)
    if (start !== undefined) {
      open.trace = new PatternTrace(network, start.filter.size, source.places, zone, begin)
      open.filter = start.filter
      open.retracedAt = hour
      for (let h = start.hour; h < begin; h = nextBlock(h)) {
        const picture = source.picture(h, Math.min(nextBlock(h), begin))
        if (picture !== undefined) start.filter.learn(source.compare(start.filter, picture, 0))
      }
      open.tracedUntil = begin
    }
  }
  const { trace, filter } = open
  if (trace === undefined || filter === undefined) return undefined
  // The first hours count one by one, so that a large leak is placed at once; then by blocks.
  const whole = hour + 1 - trace.begin <= 2 * BLOCK_H ? hour + 1 : hour + 1 - ((hour + 1) % BLOCK_H)
  for (let h = open.tracedUntil; h < whole; h = Math.min(whole, nextBlock(h))) {
    const picture = source.picture(h, Math.min(whole, nextBlock(h)), zone, expected)
    if (picture === undefined) continue
    const innovation = source.compare(filter, picture, largest)
    if (trace.take(picture, innovation)) filter.learn(innovation)
  }
  open.tracedUntil = Math.max(open.tracedUntil, whole)
  return trace
}

function nextBlock(hour: number): number {
  return hour + BLOCK_H - (hour % BLOCK_H)
}
