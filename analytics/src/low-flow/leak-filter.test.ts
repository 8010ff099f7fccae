import { expect, test } from 'vitest'
import type { Block } from './block.ts'
import { LeakFilter } from './leak-filter.ts'
import { emptyMixture, logFlow, type Mixture } from './mixture.ts'

const PART = 8 * 3_600_000

/** Usual floors about a flow, m³/h. */
function about(flowM3H: number): Mixture {
  const mixture = emptyMixture()
  mixture.weight[0] = 1
  mixture.centre[0] = logFlow(flowM3H)
  mixture.width.fill(0.2)
  mixture.own = logFlow(flowM3H)
  return mixture
}

const block = (index: number, floorM3H: number, partsBack: number): Block => ({
  ...{ part: 0, from: index * PART, to: (index + 1) * PART, totalM3: 1, peakM3H: 0, floorM3H },
  floorFrom: (index - partsBack) * PART,
})

test('a constant flow is bounded by the pauses since it began, not by those from before', () => {
  const [usual, filter] = [about(0.002), new LeakFilter()]
  const take = (one: Block) => filter.update(one, usual, usual, () => usual)
  for (let i = 0; i < 20; i++) take(block(i, 0.002, 1))
  expect(filter.since).toBeNaN()
  // What looks back into the rest before holds no bound; what begins with the flow does.
  take(block(20, 0.08, 1))
  let i = 21
  while (Number.isNaN(filter.since)) take(block(i++, 0.1, 1))
  const began = filter.since / PART
  expect(began).toBeLessThan(24)
  expect(filter.mostM3H).toBe(Number.POSITIVE_INFINITY)
  for (const end = i + 3; i < end; i++) take(block(i, 0.1, 1))
  expect(filter.neverZero).toBeGreaterThan(0.9)
  expect(filter.since / PART).toBe(began)
  expect(filter.mostM3H).toBe(0.1)
  take(block(i, 0.09, i - began + 1))
  expect(filter.mostM3H).toBe(0.1)
  take(block(i + 1, 0.09, i + 1 - began))
  expect(filter.mostM3H).toBe(0.09)
})
