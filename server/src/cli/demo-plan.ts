import type { ClockPlan } from '@gastwin/twin'

/**
 * The time of a demo: `warmUpHours` pass quickly, so that yesterday exists when somebody looks, and end at the present; from
 * there on it runs at `speed`.
 * @param wall now, Unix ms
 */
export function demoClock(wall: number, warmUpHours: number, warmUpSpeed: number, speed: number): ClockPlan {
  if (warmUpHours <= 0) return { segments: [{ wall, event: wall, speed }] }
  const lasts = (warmUpHours * 3_600_000) / warmUpSpeed
  const present = wall + lasts
  return {
    segments: [
      { wall, event: present - warmUpHours * 3_600_000, speed: warmUpSpeed },
      { wall: present, event: present, speed },
    ],
  }
}
