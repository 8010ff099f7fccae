const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
/** Bits of the second pass that make the name longer: 2⁴⁰ names. */
const MORE = 256

/** Names an alarm when it begins. @param key of rule and asset. @param since Unix ms of the condition */
export type AlarmNaming = (key: string, since: number) => string

/**
 * The name of an alarm follows from what it is about. A count would not do: what was seen by the clock, or by threads that the log
 * does not hold, is not raised in the same order when the log is read again, and an acknowledgement of one alarm would meet another.
 */
export function alarmName(key: string, since: number): string {
  const text = `${key} ${Math.round(since)}`
  let first = FNV_OFFSET
  for (let i = 0; i < text.length; i++) first = Math.imul(first ^ text.charCodeAt(i), FNV_PRIME)
  let second = ~first
  for (let i = text.length - 1; i >= 0; i--) second = Math.imul(second ^ text.charCodeAt(i), FNV_PRIME)
  return `A${((first >>> 0) * MORE + (second >>> 24)).toString(36).padStart(8, '0')}`
}
