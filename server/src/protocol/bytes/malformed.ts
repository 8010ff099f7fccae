import type { Malformed, MalformedReason } from '@gastwin/twin'

/**
 * A frame that could not be read, as a value.
 * @param at byte offset where reading failed
 */
export const malformed = (reason: MalformedReason, at: number, detail: string): Malformed => ({
  kind: 'malformed',
  reason,
  at,
  detail,
})
