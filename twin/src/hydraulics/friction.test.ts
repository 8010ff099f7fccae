import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FrictionKind, frictionLoss, type LaminarKind, turbulentFriction } from './friction.ts'

const value = () => ({ lambda: 0, slope: 0 })
const LAWS: readonly FrictionKind[] = ['nikuradse', 'colebrook', 'swamee-jain', 'hofer', 'fixed']
const LAMINAR: readonly LaminarKind[] = ['none', 'additive', 'switch']

function colebrookByBisection(reynolds: number, k: number): number {
  let low = 1e-4
  let high = 10
  for (let i = 0; i < 200; i++) {
    const lambda = Math.sqrt(low * high)
    const x = 1 / Math.sqrt(lambda)
    if (x + 2 * Math.log10((2.51 * x) / reynolds + k / 3.71) > 0) low = lambda
    else high = lambda
  }
  return Math.sqrt(low * high)
}

describe('friction', () => {
  test('Colebrook agrees with a bisection of its equation', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.double({ min: -6, max: -1.3, noNaN: true }),
        (re, k) => {
          const out = value()
          turbulentFriction('colebrook', 10 ** re, 10 ** k, 0, out)
          expect(out.lambda / colebrookByBisection(10 ** re, 10 ** k)).toBeCloseTo(1, 10)
        },
      ),
      { seed: 5, numRuns: 200 },
    )
  })

  test('values read from a Moody chart: fully rough 0.0196 at k/D 1e-3, and 0.0185 at Re 1e5 and k/D 1e-4', () => {
    const out = value()
    turbulentFriction('nikuradse', 1e6, 1e-3, 0, out)
    expect(out.lambda).toBeCloseTo(0.0196, 4)
    turbulentFriction('colebrook', 1e5, 1e-4, 0, out)
    expect(out.lambda).toBeCloseTo(0.0185, 4)
    turbulentFriction('swamee-jain', 1e5, 1e-4, 0, out)
    expect(out.lambda).toBeCloseTo(0.0185, 3)
    turbulentFriction('hofer', 1e7, 1e-3, 0, out)
    expect(out.lambda).toBeCloseTo(0.0196, 3)
  })

  test.each(LAWS.flatMap((law) => LAMINAR.map((laminar) => [law, laminar] as const)))(
    '%s with laminar %s: the slope equals the difference quotient, the loss is odd and rises',
    (law, laminar) => {
      fc.assert(
        fc.property(
          fc.double({ min: -1, max: 7, noNaN: true }),
          fc.double({ min: -5, max: -1.5, noNaN: true }),
          (re, k) => {
            const perFlow = 5e5
            const flow = 10 ** re / perFlow
            // Kinks by definition: where the linear part begins and where the switch does.
            if ([50, 2300, 4000].some((kink) => Math.abs(flow * perFlow - kink) < kink * 1e-3)) return
            const loss = (m: number) => {
              const out = value()
              frictionLoss(law, laminar, m, perFlow, 10 ** k, 0.02, out)
              return out
            }
            const h = flow * 1e-6
            const quotient = (loss(flow + h).lambda - loss(flow - h).lambda) / (2 * h)
            expect(loss(flow).slope / quotient).toBeCloseTo(1, 5)
            expect(loss(-flow).lambda).toBe(-loss(flow).lambda)
            expect(loss(flow).slope).toBeGreaterThan(0)
          },
        ),
        { seed: 7, numRuns: 60 },
      )
    },
  )

  test('the loss is continuous where laws meet', () => {
    for (const law of LAWS)
      for (const kink of [50, 2300, 4000]) {
        const below = value()
        const above = value()
        frictionLoss(law, 'switch', (kink * (1 - 1e-9)) / 5e5, 5e5, 1e-3, 0.02, below)
        frictionLoss(law, 'switch', (kink * (1 + 1e-9)) / 5e5, 5e5, 1e-3, 0.02, above)
        expect(above.lambda / below.lambda).toBeCloseTo(1, 6)
      }
  })

  test('laminar flow is 64/Re when the law switches', () => {
    const out = value()
    frictionLoss('colebrook', 'switch', 1000 / 5e5, 5e5, 1e-3, 0, out)
    expect(out.lambda / (1000 / 5e5) ** 2).toBeCloseTo(0.064, 12)
  })
})
