import { expect, test } from 'vitest'
import { CityContext, reportOf } from '../testing/city-context.ts'
import { GasDetector } from './gas-detector.ts'

const START = Date.UTC(2026, 0, 5)

function run(levels: readonly number[], part: Parameters<typeof reportOf>[4] = {}) {
  const context = new CityContext()
  context.addZone('Z')
  context.addRtu(0)
  let detector = new GasDetector(context)
  return levels.flatMap((gas_lel, minute) => {
    const told = detector.observe([reportOf(context, 0, START + minute * 60_000, { gas_lel }, part)])
    const saved = JSON.parse(JSON.stringify(detector.save()))
    detector = new GasDetector(context)
    detector.load(saved)
    return told.map((d) => [minute, d.active, d.strength, d.limit, (d.since - START) / 60_000] as const)
  })
}

test('gas is told at the first sample: strong from a fifth, certain from half of the explosive limit', () => {
  expect(run([0, 0.19, 0.2])).toEqual([[2, true, 'strong', 0.2, 2]])
  expect(run([0, 0.5])).toEqual([[1, true, 'certain', 0.5, 1]])
})

test('a rising level is told once more when it becomes certain, and keeps its onset', () => {
  expect(run([0.3, 0.4, 0.6, 0.7])).toEqual([
    [0, true, 'strong', 0.2, 0],
    [2, true, 'certain', 0.5, 0],
  ])
})

test('it ends below the warning level by the dead-band', () => {
  expect(run([0.3, 0.19, 0.16, 0.14, 0.1])).toEqual([
    [0, true, 'strong', 0.2, 0],
    [3, false, 'strong', 0.2, 0],
  ])
})

test('repeated and late reports tell nothing', () => {
  expect(run([0.9], { outcome: 'duplicate' })).toEqual([])
  expect(run([0.9], { outcome: 'late' })).toEqual([])
})
