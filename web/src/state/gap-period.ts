/** How long the periods of the gap's ledger are. */
export const PERIOD_LENGTHS = ['day', 'week', 'month'] as const
export type PeriodLength = (typeof PERIOD_LENGTHS)[number]

/** What the gap screen looks at; `from` is the begin of the period, Unix ms, undefined for the newest. */
export interface GapPeriod {
  readonly every: PeriodLength
  readonly from?: number
}

export const FIRST_PERIOD: GapPeriod = { every: 'week' }

/** `month` or `week@1763308800000`, as it stands in the address bar; the first period when it is neither. */
export function parsePeriod(text: string | null): GapPeriod {
  const [length, from] = (text ?? '').split('@')
  const every = PERIOD_LENGTHS.find((name) => name === length)
  if (every === undefined) return FIRST_PERIOD
  return from !== undefined && /^\d{1,15}$/.test(from) ? { every, from: Number(from) } : { every }
}

export function printPeriod({ every, from }: GapPeriod): string {
  return from === undefined ? every : `${every}@${from}`
}
