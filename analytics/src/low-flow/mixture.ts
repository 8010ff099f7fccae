/**
 * Distribution of the logarithm of a block's floor as a mixture of logistic ones: their tails fall like powers of the flow, as
 * people's long uses do. A generic wide part keeps any surprise finite.
 */
export const PARTS = 5

/** Logarithm of a flow, with a floor below which differences mean nothing. @param flowM3H m³/h */
export function logFlow(flowM3H: number): number {
  return Math.log(Math.max(0, flowM3H) * 1000 + 0.3)
}

/** Share of blocks that follow no habit, and their distribution: middle and width of the logarithm of the flow in L/h. */
export const ODD_SHARE = 0.003
export const ODD_WIDTH = 2.5

export interface Mixture {
  readonly weight: Float64Array
  readonly centre: Float64Array
  readonly width: Float64Array
  /** Middle of the customer's own floors. */
  own: number
}

export function emptyMixture(): Mixture {
  return {
    weight: new Float64Array(PARTS),
    centre: new Float64Array(PARTS),
    width: new Float64Array(PARTS),
    own: 0,
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Chance of a floor at or below a flow. @param y logarithm of the flow as of `logFlow` */
export function chanceBelow(mixture: Mixture, y: number): number {
  let sum = 0
  for (let k = 0; k < PARTS; k++)
    sum += (mixture.weight[k] as number) * sigmoid((y - (mixture.centre[k] as number)) / (mixture.width[k] as number))
  return (1 - ODD_SHARE) * sum + ODD_SHARE * sigmoid((y - mixture.own - 1) / ODD_WIDTH)
}

/** Chance of a floor between two flows, m³/h; 0 when both are at or below nothing. */
export function chanceBetween(mixture: Mixture, lowM3H: number, highM3H: number): number {
  if (highM3H <= 0) return 0
  const low = lowM3H <= 0 ? 0 : chanceBelow(mixture, logFlow(lowM3H))
  return Math.max(0, chanceBelow(mixture, logFlow(highM3H)) - low)
}
