import type { MeasuredFlow, SpellGuess } from './spell-guesses.ts'

/** Hours that nobody measured, filled. */
export interface FilledFlow extends MeasuredFlow {
  /** Standard deviation of each hour, m³; 0 where it was measured. The errors of one spell lean the same way. */
  readonly deviation: Float64Array
  /** Stretches of hours that nobody measured, [from, to). */
  readonly spells: readonly (readonly [from: number, to: number])[]
}

/** How well a guess does is tried on spells of so many hours; longer ones err as a day does, day after day. */
const TRIED_H = [1, 3, 6, 12, 24]
const MOST_TRIALS = 60
/** Before anything was tried a guess may be wrong by this share of the mean flow, and that weighs as much as so many trials. */
const UNTRIED = 0.5
const UNTRIED_WEIGHT = 0.03

/**
 * Fills each spell by the guess that did best on spells of its length where the truth is known, with the error it had there.
 * A spell that none can tell gets the mean flow, which may be wrong by all of it.
 */
export function fillSpells(flow: MeasuredFlow, guesses: readonly SpellGuess[]): FilledFlow {
  const { measured } = flow
  const volume = flow.volume.slice()
  const deviation = new Float64Array(volume.length)
  const spells = spellsOf(measured)
  const known = measured.reduce((sum, one) => sum + one, 0)
  const mean = flow.volume.reduce((sum, v, h) => sum + (measured[h] === 1 ? Math.abs(v) : 0), 0) / Math.max(1, known)
  const tried = new Map<number, { readonly guess: SpellGuess; readonly variance: number }[]>()
  for (const [from, to] of spells) {
    const length = TRIED_H.find((hours) => hours >= to - from) ?? (TRIED_H.at(-1) as number)
    let ranked = tried.get(length)
    if (ranked === undefined) {
      ranked = guesses
        .map((guess) => ({ guess, variance: tryOut(flow, guess, length, mean) }))
        .sort((a, b) => a.variance - b.variance)
      tried.set(length, ranked)
    }
    volume.fill(mean, from, to)
    deviation.fill(mean, from, to)
    for (const { guess, variance } of ranked) {
      const told = guess(from, to)
      if (told === undefined) continue
      volume.set(told, from)
      deviation.fill(Math.sqrt(variance / length / Math.min(length, to - from)), from, to)
      break
    }
  }
  return { volume, measured, deviation, spells }
}

/** Mean square of the error of a spell's sum, m⁶. */
function tryOut({ volume, measured }: MeasuredFlow, guess: SpellGuess, length: number, mean: number): number {
  const step = Math.max(length, Math.floor(volume.length / MOST_TRIALS))
  let squares = UNTRIED_WEIGHT * (UNTRIED * mean * length) ** 2
  let trials = UNTRIED_WEIGHT
  for (let from = 0; from + length <= volume.length; from += step) {
    const told = guess(from, from + length)
    if (told === undefined) continue
    let error = 0
    let known = 0
    for (let i = 0; i < length; i++) {
      if (measured[from + i] !== 1) continue
      error += (told[i] as number) - (volume[from + i] as number)
      known += 1
    }
    if (known < length / 2) continue
    squares += ((error * length) / known) ** 2
    trials += 1
  }
  return squares / trials
}

function spellsOf(measured: Uint8Array): (readonly [number, number])[] {
  const spells: (readonly [number, number])[] = []
  for (let h = 0; h < measured.length; h++) {
    if (measured[h] === 1) continue
    const from = h
    while (h < measured.length && measured[h] !== 1) h++
    spells.push([from, h])
  }
  return spells
}
