import { assessPlace } from '@gastwin/analytics'
import { expect, test } from 'vitest'
import { PLACE_CLASSES, PLACES } from './place-classes.table.ts'

test('of the eight classes three let a mast 1.5 km away speak for them, and the two special ones are never called good', () => {
  const verdicts = PLACE_CLASSES.map((name) => {
    const at = (distanceM: number) => assessPlace({ rsrpDbm: -80, through: [], distanceM, place: PLACES[name] }).verdict
    return [name, at(100), at(1500)]
  })
  expect(verdicts).toEqual([
    ['urban_high_rise', 'good', 'doubtful'],
    ['urban_multi_storey', 'good', 'doubtful'],
    ['urban_villa', 'good', 'doubtful'],
    ['suburb_high_rise', 'good', 'good'],
    ['suburb_multi_storey', 'good', 'good'],
    ['suburb_villa', 'good', 'good'],
    ['waterfront_high_rise', 'doubtful', 'doubtful'],
    ['demolition_area', 'doubtful', 'doubtful'],
  ])
})
