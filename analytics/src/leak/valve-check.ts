import type { Innovation } from './pattern-filter.ts'
import type { PatternInput, PatternModel } from './pattern-model.ts'

/** Squares that a valve must explain. */
const VALVE_GAIN = 15

/**
 * Whether a valve in another position than reported explains pressures better than a leak does.
 * @param innovation of the pressures when all of them are believed
 */
export function isValveMoved(model: PatternModel, input: PatternInput, innovation: Innovation): boolean {
  const { used, factor, whitened } = innovation
  const usual = model.expected(input, input.valveOpen)
  if (usual === undefined) return false
  const { first, countOf } = model.network.edges
  const m = used.length
  const squares = whitened.reduce((sum, value) => sum + value * value, 0)
  let least = squares
  const moved = input.valveOpen.slice()
  for (let valve = first.valve; valve < first.valve + countOf.valve; valve++) {
    moved[valve] = moved[valve] === 0 ? 1 : 0
    const other = model.expected(input, moved)
    moved[valve] = moved[valve] === 0 ? 1 : 0
    if (other === undefined) continue
    let sum = 0
    const change = new Float64Array(m)
    for (let i = 0; i < m; i++) {
      const r = used[i] as number
      let value = (other[r] as number) - (usual[r] as number)
      for (let j = 0; j < i; j++) value -= (factor[i * m + j] as number) * (change[j] as number)
      value /= factor[i * m + i] as number
      change[i] = value
      sum += ((whitened[i] as number) - value) ** 2
    }
    least = Math.min(least, sum)
  }
  return squares - least > VALVE_GAIN && least < 0.5 * squares
}
