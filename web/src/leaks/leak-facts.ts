import type { Alarm, Leak } from '@gastwin/server/contract'
import { printMeasure, printNumber } from '../format/numbers.ts'
import { flowM3H } from '../format/units.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'

/** Beyond this the odds are as good as certain; printed so. */
const MOST_ODDS = 1e6
const EVEN = 0.4

/** What speaks for a leak: a name and what it says, in words. */
export function proofsOf(
  { evidence }: Leak,
  t: Dictionary,
): readonly { readonly name: string; readonly says: string }[] {
  return evidence.map(({ code, value, unit }) => ({
    name: wordFor(t.leaks.proofs, code),
    says:
      unit === 'm3/s'
        ? `${printMeasure(flowM3H(value))} m³/h`
        : unit === 'h'
          ? `${printNumber(value)} h`
          : printOdds(value, t),
  }))
}

/** @param logOdds natural logarithm, positive for a leak */
export function printOdds(logOdds: number, t: Dictionary): string {
  const size = Math.abs(logOdds)
  if (size < EVEN) return t.leaks.even
  const odds = Math.exp(size)
  const text =
    odds > MOST_ODDS
      ? t.leaks.moreThan(printNumber(MOST_ODDS))
      : printNumber(Number(odds.toPrecision(2)), odds < 10 ? 1 : 0)
  return logOdds > 0 ? t.leaks.oddsFor(text) : t.leaks.oddsAgainst(text)
}

/** The way of a leak; `dismissed` leaves it. */
export const LEAK_STEPS = ['suspected', 'confirmed', 'located', 'isolated', 'closed'] as const
/** Below this a pipe is one of many and does not glow. */
export const LEAST_GLOW = 0.005

const ORDER: readonly Leak['state'][] = ['located', 'confirmed', 'isolated', 'suspected', 'closed', 'dismissed']

/** Leaks that call for a crew glow on the map; what is suspected stays in the list. */
export const glows = ({ state }: Leak): boolean => state === 'confirmed' || state === 'located'
/** Neither over nor dismissed. */
export const isOpen = ({ state }: Leak): boolean => state !== 'closed' && state !== 'dismissed'

/** By state, the most urgent first; within a state the newest. */
export function sortLeaks(leaks: readonly Leak[]): readonly Leak[] {
  return [...leaks].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.suspected_at - a.suspected_at)
}

/** Probability per pipe number that a confirmed or located leak is in it, all leaks together, at most 1. */
export function leakHeat(leaks: readonly Leak[], pipeNumber: ReadonlyMap<string, number>): ReadonlyMap<number, number> {
  const heat = new Map<number, number>()
  for (const leak of leaks) {
    if (!glows(leak)) continue
    for (const { pipe, probability } of leak.candidates) {
      const number = pipeNumber.get(pipe)
      if (number !== undefined && probability >= LEAST_GLOW)
        heat.set(number, Math.min(1, (heat.get(number) ?? 0) + probability))
    }
  }
  return heat
}

/**
 * The leak an alarm speaks of. The alarm keeps the pipe that was first when the leak was confirmed; by now another may be more
 * probable, so any candidate counts, and an alarm of a whole zone means the zone's leak.
 */
export function leakOfAlarm(alarm: Alarm | undefined, leaks: readonly Leak[]): Leak | undefined {
  if (alarm?.rule !== 'leak_located') return undefined
  const { kind, id } = alarm.asset
  const weight = (leak: Leak) =>
    (leak.zone === (kind === 'zone' ? id : alarm.zone) ? 1 : 0) +
    (kind === 'pipe' && leak.candidates.some(({ pipe }) => pipe === id) ? 2 : 0) +
    (leak.started_at === alarm.since ? 4 : 0)
  return sortLeaks(leaks)
    .map((leak) => ({ leak, weight: weight(leak) }))
    .filter(({ weight: w }) => w > 0)
    .sort((a, b) => b.weight - a.weight)[0]?.leak
}

/** Probability that an open leak is in this pipe, and which one; the most probable. */
export function leakInPipe(
  pipe: string,
  leaks: readonly Leak[],
): { readonly leak: Leak; readonly probability: number } | undefined {
  let best: { readonly leak: Leak; readonly probability: number } | undefined
  for (const leak of leaks) {
    if (!isOpen(leak)) continue
    const probability = leak.candidates.find((c) => c.pipe === pipe)?.probability ?? 0
    if (probability >= LEAST_GLOW && probability > (best?.probability ?? 0)) best = { leak, probability }
  }
  return best
}
