import { CityCalendar, type ClockPlan } from '@gastwin/twin'

const HOUR_MS = 3_600_000

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

/**
 * Hours a demo must have lived for yesterday's balance to be whole: every meter was read in the night of the day before and in
 * the night of yesterday, so it begins at the midnight before both.
 * @param wall now, Unix ms
 */
export function hoursForYesterday(wall: number, timeZone: string): number {
  const calendar = new CityCalendar(timeZone)
  const yesterday = calendar.dayStart(calendar.dayStart(wall) - 1)
  return (wall - calendar.dayStart(yesterday - 1)) / HOUR_MS
}
