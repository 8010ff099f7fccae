import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Compressibility, Friction } from '../network/network-document.ts'
import { EdgeEquations, EQUATION } from './edge-equations.ts'
import { buildHydraulicModel } from './hydraulic-model.ts'
import { gasSketch } from './testing/gas-sketch.ts'

const GASES: readonly Compressibility[] = [
  { law: 'constant', z: 0.9 },
  { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
  { law: 'inverse_linear', b1: 1.003, b2_per_pa: 2.97e-8 },
  { law: 'papay', critical_pressure_pa: 4.6e6, critical_temperature_k: 190 },
]
const LAWS: readonly Friction[] = [
  { law: 'nikuradse', laminar: 'additive' },
  { law: 'colebrook', laminar: 'none' },
  { law: 'swamee-jain', laminar: 'additive' },
  { law: 'hofer', laminar: 'switch' },
]

test('derivatives of every edge equation equal difference quotients, for each gas and friction law', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...GASES),
      fc.constantFrom(...LAWS),
      fc.double({ min: 1.05e5, max: 6e6, noNaN: true }),
      fc.double({ min: 0.4, max: 1, noNaN: true }),
      fc.double({ min: -6, max: 0, noNaN: true }),
      fc.boolean(),
      (compressibility, friction, p1, ratio, lossShare, backwards) => {
        const network = gasSketch({
          sources: { A: 1e5 },
          heights: { A: 300, B: 20 },
          pipes: [['A-B', { loss_coefficient: 3, roughness_m: 1e-3 }]],
          compressors: [
            ['A-B#ratio', { ratio: 1.4 }],
            ['A-B#lift', { pressure_lift_pa: 5e4 }],
          ],
          document: {
            friction,
            fluid: { kind: 'gas', density_kg_m3: 0.75, viscosity_pa_s: 1.1e-5, temperature_k: 285, compressibility },
          },
        })
        const model = buildHydraulicModel(network)
        const equations = new EdgeEquations(model, 1e-5)
        const mode = new Uint8Array(3).fill(EQUATION)
        // As much flow as loses about this share of the squared pressure.
        const resistance = 0.03 * (model.lossFactor[0] ?? 0) + (model.minorFactor[0] ?? 0)
        const flow = (backwards ? -1 : 1) * p1 * Math.sqrt(10 ** lossShare / resistance)
        const at = (a: number, b: number, m: number) => {
          equations.evaluate(Float64Array.of(a, b), Float64Array.of(m, m, m), mode, false)
          return equations.residual.slice()
        }
        const a = p1 * p1
        const b = a * ratio * ratio
        at(a, b, flow)
        const { fromSlope, toSlope, conductance } = equations
        const wanted = [fromSlope.slice(), toSlope.slice(), conductance.map((c) => 1 / c)]
        const h = a * 1e-5
        const hm = Math.abs(flow) * 1e-5
        const difference = (up: Float64Array, down: Float64Array, step: number, edge: number) =>
          ((up[edge] ?? 0) - (down[edge] ?? 0)) / (2 * step)
        for (let edge = 0; edge < 3; edge++) {
          expect(
            Math.abs(difference(at(a + h, b, flow), at(a - h, b, flow), h, edge) - (wanted[0]?.[edge] ?? 0)),
          ).toBeLessThan(1e-6)
          expect(
            Math.abs(difference(at(a, b + h, flow), at(a, b - h, flow), h, edge) + (wanted[1]?.[edge] ?? 0)),
          ).toBeLessThan(1e-6)
          const slope = -difference(at(a, b, flow + hm), at(a, b, flow - hm), hm, edge)
          const noise = (1e-15 * a) / hm
          expect(Math.abs(slope - (wanted[2]?.[edge] ?? 0))).toBeLessThan(1e-6 * (wanted[2]?.[edge] ?? 0) + 100 * noise)
        }
      },
    ),
    { seed: 21, numRuns: 200 },
  )
})
