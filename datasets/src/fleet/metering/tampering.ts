/**
 * What keeps a meter from counting what is used. Times are Unix ms; `share` is the part of the true volume that is counted.
 * Forms after Jokar 2016 and Messinis 2018 as far as they make sense for gas, and gas's own.
 */
export type Tampering =
  /** m1, a bypass: a constant part is counted. */
  | { readonly kind: 'bypass'; readonly from: number; readonly share: number }
  /** m4, a bypass opened at some hours of the day (local, h; may wrap over midnight). */
  | {
      readonly kind: 'hours'
      readonly from: number
      readonly share: number
      readonly begin: number
      readonly end: number
    }
  /** m3, a tilted or worn meter: the share falls from 1 by `perDay` down to `share`. */
  | { readonly kind: 'fading'; readonly from: number; readonly share: number; readonly perDay: number }
  /** m13, a magnet: nothing is counted while it is on, some days a week. */
  | { readonly kind: 'magnet'; readonly from: number; readonly share: number; readonly daysOfSeven: number }
  /** m0, a dead meter or one turned round and back. */
  | { readonly kind: 'stopped'; readonly from: number; readonly share: 0 }

/** Counted over true volume at an instant. @param localHour 0 … 24 @param day local days since 1970-01-01 */
export function tamperedShare(t: Tampering, at: number, localHour: number, day: number): number {
  if (at < t.from) return 1
  switch (t.kind) {
    case 'bypass':
    case 'stopped':
      return t.share
    case 'hours': {
      const inside =
        t.begin < t.end ? localHour >= t.begin && localHour < t.end : localHour >= t.begin || localHour < t.end
      return inside ? t.share : 1
    }
    case 'fading':
      return Math.max(t.share, 1 - (t.perDay * (at - t.from)) / 86_400_000)
    case 'magnet':
      return magnetOn(t, day) ? t.share : 1
  }
}

export function magnetOn(t: Extract<Tampering, { kind: 'magnet' }>, day: number): boolean {
  return (day * 3) % 7 < t.daysOfSeven
}
