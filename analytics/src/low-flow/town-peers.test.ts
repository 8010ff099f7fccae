import { expect, test } from 'vitest'
import type { Block } from './block.ts'
import { MeterWatch } from './meter-watch.ts'
import { TownPeers } from './town-peers.ts'
import { usualUseModel } from './usual-use-model.ts'

const night: Block = { part: 0, from: 0, to: 28_800_000, totalM3: 0, floorM3H: 0.01, peakM3H: 0 }
const meter = (heated: boolean | undefined) =>
  new MeterWatch(
    { home: true, heated, cadence: 'hourly', stepM3: 0.1, size: undefined, utcOffsetMs: () => 0 },
    usualUseModel(),
  )
const heard = (peers: TownPeers, heated: boolean | undefined, count: number, totalM3: number) => {
  for (let i = 0; i < count; i++) peers.hear({ ...night, totalM3 }, meter(heated))
}

test('a home of known kind is held against its own kind, one of unknown kind against all', () => {
  const peers = new TownPeers()
  heard(peers, true, 10, 8)
  heard(peers, false, 10, 0.8)
  const flowFor = (heated: boolean | undefined) => peers.of(night, meter(heated), false).flowM3H
  expect(flowFor(true)).toBeCloseTo(1, 6)
  expect(flowFor(false)).toBeCloseTo(0.1, 6)
  expect(flowFor(undefined)).toBeCloseTo(0.55, 6)
})

test('where few of a kind were heard all stand in', () => {
  const peers = new TownPeers()
  heard(peers, true, 3, 8)
  heard(peers, undefined, 17, 0.8)
  expect(peers.of(night, meter(true), false).flowM3H).toBeCloseTo((3 * 1 + 17 * 0.1) / 20, 6)
})
