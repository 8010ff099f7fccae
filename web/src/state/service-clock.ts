/**
 * The one clock of the console: the service's event time, carried forward between two messages by the browser's steady clock.
 * The browser's own date is never shown: it may be wrong, and a demo runs faster than the wall.
 */
export interface ServiceClock {
  /** Event time, Unix ms; 0 before the service was heard. */
  now(): number
  readonly speed: number
  /** @param now event time at the moment of the message, Unix ms; @param speed event seconds per wall second */
  set(now: number, speed: number): void
  /** Time does not go on while the service is not heard: what is on the screen is as old as it is. */
  freeze(): void
}

export function createServiceClock(steady: () => number = () => performance.now()): ServiceClock {
  let base = 0
  let heardAt = 0
  let speed = 1
  let frozen = true
  const now = () => (frozen ? base : base + (steady() - heardAt) * speed)
  return {
    now,
    get speed() {
      return speed
    },
    set(next, nextSpeed) {
      base = next
      speed = nextSpeed
      heardAt = steady()
      frozen = false
    },
    freeze() {
      base = now()
      frozen = true
    },
  }
}
