import type { Friction } from '../network/network-document.ts'

export type FrictionKind = Friction['law']
const HAZEN_WILLIAMS_EXPONENT = 1.852
export type LaminarKind = 'none' | 'additive' | 'switch'

const LAMINAR_END = 2300
const TURBULENT_BEGIN = 4000
/**
 * Below this Reynolds number the implicit and logarithmic laws have no meaning (they diverge near Re 7): there the loss is
 * carried on linearly to zero, so that it has a slope at rest.
 */
const LOWEST_REYNOLDS = 50

/** λ and Re·dλ/dRe of one evaluation; reused so that the inner loop allocates nothing. */
export interface FrictionValue {
  lambda: number
  slope: number
}

/**
 * Darcy friction factor of the turbulent law, and Re·dλ/dRe, into `out`.
 *
 * @param reynolds  ≥ LOWEST_REYNOLDS for all but nikuradse and fixed; `hazen-williams` knows no factor: NaN
 * @param relativeRoughness  k/D
 * @param fixed  factor of law `fixed`
 * @source nikuradse: λ = (2 lg(D/k) + 1.14)⁻²; Colebrook 1939; Swamee and Jain 1976; Hofer 1973
 */
export function turbulentFriction(
  law: FrictionKind,
  reynolds: number,
  relativeRoughness: number,
  fixed: number,
  out: FrictionValue,
): void {
  switch (law) {
    case 'nikuradse': {
      const x = 1.14 - 2 * Math.log10(relativeRoughness)
      out.lambda = 1 / (x * x)
      out.slope = 0
      return
    }
    case 'fixed':
      out.lambda = fixed
      out.slope = 0
      return
    case 'swamee-jain': {
      const smooth = 5.74 / reynolds ** 0.9
      const sum = relativeRoughness / 3.7 + smooth
      const x = -2 * Math.log10(sum)
      out.lambda = 1 / (x * x)
      // dx/d(ln Re) = −2/ln 10 · (−0.9 smooth)/sum
      out.slope = (-2 / x ** 3) * ((1.8 / Math.LN10) * (smooth / sum))
      return
    }
    case 'hofer': {
      const logarithm = Math.log10(reynolds / 7)
      const smooth = (4.518 / reynolds) * logarithm
      const sum = smooth + relativeRoughness / 3.71
      const x = -2 * Math.log10(sum)
      const smoothSlope = (4.518 / reynolds) * (1 / Math.LN10 - logarithm)
      out.lambda = 1 / (x * x)
      out.slope = (-2 / x ** 3) * ((-2 / Math.LN10) * (smoothSlope / sum))
      return
    }
    case 'hazen-williams':
      out.lambda = Number.NaN
      out.slope = Number.NaN
      return
    case 'colebrook':
      colebrook(reynolds, relativeRoughness / 3.71, out)
  }
}

/** Newton in x = 1/√λ on x + 2 lg(2.51 x/Re + r) = 0; the slope comes from the equation, not from the iteration. */
function colebrook(reynolds: number, r: number, out: FrictionValue): void {
  const a = 2.51 / reynolds
  let x = -2 * Math.log10(r + 5.74 / reynolds ** 0.9)
  const k = 2 / Math.LN10
  for (let i = 0; i < 8; i++) {
    const sum = a * x + r
    const step = (x + k * Math.log(sum)) / (1 + (k * a) / sum)
    x -= step
    if (Math.abs(step) < 1e-14 * x) break
  }
  const share = (k * a) / (a * x + r)
  out.lambda = 1 / (x * x)
  // With a ∝ 1/Re: dx/d(ln Re) = share·x/(1 + share).
  out.slope = (-2 / (x * x)) * (share / (1 + share))
}

/**
 * Loss term λ(Re)·m|m| (hazen-williams: m|m|^0.852) and its derivative by m, into `out` as `lambda` and `slope`: finite and smooth through zero flow.
 *
 * @param massFlow  kg/s, signed
 * @param reynoldsPerFlow  Re/|m| = D/(η A), s/kg; 0 when no viscosity is known, which leaves the turbulent law alone
 */
export function frictionLoss(
  law: FrictionKind,
  laminar: LaminarKind,
  massFlow: number,
  reynoldsPerFlow: number,
  relativeRoughness: number,
  fixed: number,
  out: FrictionValue,
): void {
  const size = Math.abs(massFlow)
  if (law === 'hazen-williams') {
    out.slope = HAZEN_WILLIAMS_EXPONENT * size ** (HAZEN_WILLIAMS_EXPONENT - 1)
    out.lambda = (massFlow * out.slope) / HAZEN_WILLIAMS_EXPONENT
    return
  }
  const reynolds = reynoldsPerFlow * size
  const viscous = reynoldsPerFlow > 0 && laminar !== 'none' ? 64 / reynoldsPerFlow : 0
  if (laminar === 'switch' && viscous > 0 && reynolds <= LAMINAR_END) {
    out.lambda = viscous * massFlow
    out.slope = viscous
    return
  }
  const constant = law === 'nikuradse' || law === 'fixed'
  const used = constant ? reynolds : Math.max(reynolds, LOWEST_REYNOLDS)
  turbulentFriction(law, used, relativeRoughness, fixed, out)
  let loss: number
  let slope: number
  if (used > reynolds) {
    slope = (out.lambda * used) / reynoldsPerFlow
    loss = slope * size
  } else {
    loss = out.lambda * size * size
    slope = size * (2 * out.lambda + out.slope)
  }
  if (laminar === 'additive') {
    loss += viscous * size
    slope += viscous
  } else if (laminar === 'switch' && viscous > 0 && reynolds < TURBULENT_BEGIN) {
    const t = (reynolds - LAMINAR_END) / (TURBULENT_BEGIN - LAMINAR_END)
    const w = t * t * (3 - 2 * t)
    const wSlope = (6 * t * (1 - t) * reynoldsPerFlow) / (TURBULENT_BEGIN - LAMINAR_END)
    const viscousLoss = viscous * size
    slope = w * slope + (1 - w) * viscous + wSlope * (loss - viscousLoss)
    loss = w * loss + (1 - w) * viscousLoss
  }
  out.lambda = massFlow < 0 ? -loss : loss
  out.slope = slope
}
