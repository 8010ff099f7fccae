import { expect, test } from 'vitest'
import { printAddress, readAddress } from './address.ts'

test('a link opens the view it was made from', () => {
  const address = {
    selection: { kind: 'pipe', id: 'edge:10&x' },
    language: 'zh',
    place: { lon: 121.47123, lat: 31.23456, zoom: 13.25 },
  } as const
  expect(readAddress(printAddress(address))).toEqual(address)
})

test('an empty or broken address opens the plain view', () => {
  for (const hash of ['', '#', '#/dispatch', '#/dispatch?map=1,2&lang=fr&sel=x'])
    expect(readAddress(hash)).toEqual({ selection: null, language: undefined, place: undefined })
})
