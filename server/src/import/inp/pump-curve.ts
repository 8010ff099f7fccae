/** Head of a pump: shutoff − coefficient · flow^exponent, m and m³/s. */
export interface PumpCurve {
  readonly shutoff: number
  readonly coefficient: number
  readonly exponent: number
}

type Point = readonly [flow: number, head: number]

/**
 * The power function through a pump's curve: of one point by the usual rule (shut-off head 4/3 of it, no head at twice its flow),
 * through three points whose first has no flow; of more through the first, the middle and the last.
 *
 * @returns undefined when no falling curve goes through the points
 * @source EPANET manual, pump curves
 */
export function powerCurve(points: readonly Point[]): PumpCurve | undefined {
  const [first, ...rest] = points
  if (first === undefined) return undefined
  if (rest.length === 0) {
    const [flow, head] = first
    return flow > 0 ? { shutoff: (4 / 3) * head, coefficient: head / 3 / flow ** 2, exponent: 2 } : undefined
  }
  const last = rest[rest.length - 1] ?? first
  if (rest.length === 1) {
    const slope = (first[1] - last[1]) / (last[0] - first[0])
    return slope > 0 ? { shutoff: first[1] + slope * first[0], coefficient: slope, exponent: 1 } : undefined
  }
  const middle = points[Math.floor(points.length / 2)] ?? last
  // A curve that begins with flow has its shut-off head where its first two points point to.
  const shutoff = first[0] === 0 ? first[1] : first[1] + ((first[1] - middle[1]) * first[0]) / (middle[0] - first[0])
  const exponent = Math.log((shutoff - last[1]) / (shutoff - middle[1])) / Math.log(last[0] / middle[0])
  const coefficient = (shutoff - middle[1]) / middle[0] ** exponent
  return exponent > 0 && exponent <= 20 && coefficient > 0 ? { shutoff, coefficient, exponent } : undefined
}
