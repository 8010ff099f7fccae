import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RAMPS } from '../map/palette.ts'
import type { PipeEstimate } from './pipe-estimate.ts'
import { blindShare, flowShare, scalesOf, shadePipes, steadyRange } from './pipe-scales.ts'

const gauge = (kpa: number) => 101_325 + 1000 * kpa
const estimate = (kpa: readonly number[], m3h: readonly number[], blind: readonly number[]): PipeEstimate => ({
  meta: {
    snapshot: 1,
    at: 0,
    status: 'converged',
    misfit: 1,
    took_ms: 1,
    sensors: [],
    next_rtus: [],
    calibrated_at: null,
  },
  pressure: Float32Array.from(kpa, gauge),
  pressureSigma: new Float32Array(kpa.length),
  flow: Float32Array.from(m3h, (q) => q / 3600),
  flowSigma: new Float32Array(kpa.length),
  velocity: new Float32Array(kpa.length),
  blind: Uint8Array.from(blind),
})
const TIER = Uint8Array.of(0, 0, 1, 1)
const CITY = estimate([1.9, 2.4, 180, Number.NaN], [3, -40, 9000, Number.NaN], [0, 128, 255, 255])

describe('scales', () => {
  test('have round ends of their own for each pressure tier; a tier without pressure has none', () => {
    const { pressure, flowTop } = scalesOf(CITY, TIER)
    expect(pressure[0]).toEqual({ low: 1.8, high: 2.4 })
    expect(pressure[1]?.low).toBeLessThanOrEqual(180)
    expect(pressure[1]?.high).toBeGreaterThanOrEqual(180)
    expect(pressure[2]).toBeUndefined()
    expect(flowTop).toBe(10_000)
  })

  test('stay as they are while the values still fill half of them', () => {
    const before = steadyRange(1.9, 2.4)
    expect(steadyRange(1.95, 2.38, before)).toBe(before)
    expect(steadyRange(1.7, 2.4, before)).not.toBe(before)
    expect(steadyRange(2.1, 2.2, before)).not.toBe(before)
    const first = scalesOf(CITY, TIER)
    expect(scalesOf(estimate([1.9, 2.4, 180, 180], [3, -40, 1200, 1], [0, 0, 0, 0]), TIER, first).flowTop).toBe(10_000)
  })

  test('always hold the values they are made for', () => {
    const kpa = fc.double({ min: -20, max: 4000, noNaN: true })
    fc.assert(
      fc.property(kpa, kpa, (a, b) => {
        const { low, high } = steadyRange(Math.min(a, b), Math.max(a, b))
        expect(low).toBeLessThanOrEqual(Math.min(a, b) + 1e-9)
        expect(high).toBeGreaterThanOrEqual(Math.max(a, b) - 1e-9)
        expect(high).toBeGreaterThan(low)
      }),
    )
  })
})

describe('shades', () => {
  const scales = scalesOf(CITY, TIER)

  test('run from 1 to 255, in the order of the values; without a value there is none', () => {
    const shades = shadePipes('pressure', CITY, TIER, scales)
    expect(shades[1]).toBe(255)
    expect(shades[0]).toBeGreaterThan(0)
    expect(shades[0]).toBeLessThan(shades[1] ?? 0)
    expect(shades[3]).toBe(0)
    expect([...shadePipes('blind', CITY, TIER, scales)]).toEqual([1, 128, 255, 255])
  })

  test('of flow count size, not direction, by powers of ten', () => {
    const [a, b, c, none] = shadePipes('flow', CITY, TIER, scales)
    expect(none).toBe(0)
    expect(a).toBe(1)
    expect(b).toBeGreaterThan(a ?? 0)
    expect(c).toBeGreaterThan(b ?? 0)
    expect(flowShare(10, 10_000)).toBeCloseTo(0)
    expect(flowShare(0, 10_000)).toBeCloseTo(0)
    expect(flowShare(100, 10_000)).toBeCloseTo(1 / 3)
    expect(flowShare(10_000, 10_000)).toBe(1)
  })
})

test('the blind share counts metres, not pipes', () => {
  expect(blindShare(Uint8Array.of(0, 255, 229, 230), Float32Array.of(700, 100, 100, 100))).toBeCloseTo(0.2)
  expect(blindShare(new Uint8Array(0), new Float32Array(0))).toBe(0)
})

describe('colours of the scales', () => {
  const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => linear(Number.parseInt(hex.slice(i, i + 2), 16) / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  test('grow lighter from end to end, so that no colour vision is needed for their order', () => {
    for (const ramp of Object.values(RAMPS)) {
      const steps = ramp.map(luminance)
      for (let i = 1; i < steps.length; i++) expect(steps[i]).toBeGreaterThan((steps[i - 1] ?? 0) * 1.15)
    }
  })

  test('stand out of the ground at the low end of pressure by 3 : 1', () => {
    expect((luminance(RAMPS.pressure[0]) + 0.05) / (luminance('#23272b') + 0.05)).toBeGreaterThan(3)
  })
})
