import { expect, test } from 'vitest'
import { type HeatedPoints, takePremises } from './heated-points.ts'

test('what premises say of heating holds by metering point, until a later row says otherwise or nothing', () => {
  const heated: HeatedPoints = new Map()
  takePremises(heated, [
    { premises: 'P1', point: '101', heating: 'yes' },
    { premises: 'P2', point: '102', heating: 'no' },
    { premises: 'P3', heating: 'yes' },
    { premises: 'P4', point: '104' },
  ])
  expect([...heated]).toEqual([
    [101, true],
    [102, false],
  ])
  takePremises(heated, [
    { premises: 'P1', point: '101', heating: 'no' },
    { premises: 'P2', point: '102', heating: '' },
  ])
  expect([...heated]).toEqual([[101, false]])
})
