import { describe, expect, test } from 'vitest'
import { calibrate } from './calibrate.ts'
import { type SensorVerdict, SensorWatch } from './sensor-watch.ts'
import { StateEstimator } from './state-estimator.ts'
import { TrueCity } from './testing/true-city.ts'

interface Trouble {
  readonly leak?: { readonly node: number; readonly flow: number }
  readonly change?: (measured: Float64Array, t: number) => void
}

/** Three quiet days, then two with trouble, hour by hour; verdicts with the hour. */
function watch(city: TrueCity, trouble: Trouble): (SensorVerdict & { readonly hour: number })[] {
  const snapshots = Array.from({ length: 48 }, (_, t) => city.hour(t).snapshot)
  const estimator = new StateEstimator(city.network, city.sensors, {
    calibration: calibrate(city.network, city.sensors, snapshots, { wrongDiameterShare: 0 }),
  })
  const watcher = new SensorWatch(estimator)
  const verdicts: (SensorVerdict & { readonly hour: number })[] = []
  for (let t = 48; t < 168; t++) {
    const late = t >= 120
    const { snapshot } = city.hour(t, late ? trouble.leak : undefined)
    const measured = snapshot.measured.slice()
    if (late) trouble.change?.(measured, t - 120)
    const seen = { ...snapshot, measured }
    const estimate = estimator.estimate(seen, { leftOut: watcher.leftOut, spread: 'never' })
    for (const verdict of watcher.step(estimate, seen)) verdicts.push({ ...verdict, hour: t - 120 })
  }
  return verdicts
}

describe('over five days', () => {
  test.each([1, 2, 3])('a quiet town has no bad sensor (seed %d)', (seed) => {
    expect(watch(new TrueCity({ seed, across: 6, down: 5 }), {}).filter(({ kind }) => kind !== 'withdrawal')).toEqual(
      [],
    )
  })

  test.each([1, 2, 3, 4])('a drifting sensor is named and no other (seed %d)', (seed) => {
    const sensor = 3 + seed
    const verdicts = watch(new TrueCity({ seed, across: 6, down: 5 }), {
      change: (measured, t) => {
        measured[sensor] = (measured[sensor] ?? 0) + 20 * t
      },
    })
    const named = verdicts.filter(({ kind }) => kind === 'drift')
    expect(named.map((verdict) => verdict.sensor)).toEqual([sensor])
    expect(named[0]?.hour).toBeLessThan(30)
    expect(named[0]?.departure).toBeGreaterThan(0)
  })

  test.each([1, 2, 3])('a sensor that stands still is named within hours (seed %d)', (seed) => {
    let held = Number.NaN
    const verdicts = watch(new TrueCity({ seed, across: 6, down: 5 }), {
      change: (measured) => {
        if (Number.isNaN(held)) held = measured[5] ?? 0
        measured[5] = held
      },
    })
    // It may be seen to depart before it is seen to stand still.
    const named = verdicts.filter(({ kind }) => kind !== 'withdrawal').map((verdict) => verdict.sensor)
    expect(new Set(named)).toEqual(new Set([5]))
    expect(verdicts.find(({ kind }) => kind === 'stuck')?.hour).toBeLessThan(9)
  })

  test.each([1, 2, 3])('a leak takes no sensor out (seed %d)', (seed) => {
    const city = new TrueCity({ seed, across: 6, down: 5 })
    const verdicts = watch(city, { leak: { node: 20, flow: 0.006 } })
    expect(verdicts.filter(({ kind }) => kind === 'drift' || kind === 'stuck')).toEqual([])
  })
})
