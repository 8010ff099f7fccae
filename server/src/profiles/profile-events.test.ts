import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packNumbers, unpackNumbers } from '../log/packed-numbers.ts'
import { loadProfile } from './load-profile.ts'
import { eventsOfSet, setOfEvents } from './profile-events.ts'
import { profileFinder, profileSet } from './profile-set.ts'

const rising = fc
  .uniqueArray(fc.integer({ min: 1, max: 99_999_999_999_999 }), { maxLength: 200 })
  .map((numbers) => Float64Array.from(numbers).sort())

test('device numbers of up to 14 digits come back from their packed form', () => {
  fc.assert(
    fc.property(rising, (numbers) => {
      expect(unpackNumbers(packNumbers(numbers))).toEqual([...numbers])
    }),
  )
})

test('a set comes back from its events, with more meters than one event holds', () => {
  const numbers = Float64Array.from({ length: 45_000 }, (_, i) => 220_519_000_000 + 7 * i)
  const profile = Uint8Array.from(numbers, (_, i) => i % 2)
  const set = profileSet('cj188h', [loadProfile('cjt188-2018'), loadProfile('jy-heat')], { numbers, profile })
  const events = JSON.parse(JSON.stringify(eventsOfSet(set, 7))) as ReturnType<typeof eventsOfSet>
  const parts = events.filter((event) => event.type === 'profile_devices')
  const last = events.at(-1)
  expect(parts).toHaveLength(4)
  if (last?.type !== 'profiles') throw new Error('the last event ends the set')
  const found = setOfEvents(parts, last)
  expect(found).toEqual(set)
  expect(setOfEvents(parts.slice(1), last)).toBeUndefined()
  const find = profileFinder(set)
  expect([220_519_000_000, 220_519_000_007, 220_519_000_001].map((device) => find(device)?.name)).toEqual([
    'cjt188-2018',
    'jy-heat',
    undefined,
  ])
})
