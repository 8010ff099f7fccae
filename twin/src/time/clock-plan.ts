/**
 * How event time runs against the wall. In service there is one segment at speed 1; a demo lets hours pass in seconds, and the
 * service and its fleet of emulated devices are given the same plan so that they live in the same time.
 */
export interface ClockPlan {
  /** In order of wall time. */
  readonly segments: readonly {
    /** Wall clock at which the segment begins, Unix ms. */
    readonly wall: number
    /** Event time at that moment, Unix ms. */
    readonly event: number
    /** Event seconds per wall second, > 0. */
    readonly speed: number
  }[]
}

export const WALL_CLOCK: ClockPlan = { segments: [{ wall: 0, event: 0, speed: 1 }] }

/** Event time at a wall instant, Unix ms. Before the first segment the first one is extended backwards. */
export function eventTime(plan: ClockPlan, wall: number): number {
  const segment = segmentAt(plan, (s) => s.wall <= wall)
  return segment.event + (wall - segment.wall) * segment.speed
}

/** Wall instant of an event time, Unix ms: for timers. */
export function wallTime(plan: ClockPlan, event: number): number {
  const segment = segmentAt(plan, (s) => s.event <= event)
  return segment.wall + (event - segment.event) / segment.speed
}

/** Event seconds per wall second at a wall instant. */
export function speedAt(plan: ClockPlan, wall: number): number {
  return segmentAt(plan, (s) => s.wall <= wall).speed
}

type Segment = ClockPlan['segments'][number]

function segmentAt(plan: ClockPlan, begun: (s: Segment) => boolean): Segment {
  return plan.segments.findLast(begun) ?? plan.segments[0] ?? { wall: 0, event: 0, speed: 1 }
}
