import { expect, test } from 'vitest'
import { PIPE_MODES } from '../map/pipe-mode.ts'
import { printAddress, readAddress } from './address.ts'

test('a link opens the view it was made from', () => {
  const address = {
    selection: { kind: 'pipe', id: 'edge:10&x' },
    language: 'zh',
    place: { lon: 121.47123, lat: 31.23456, zoom: 13.25 },
    mode: 'pressure',
  } as const
  expect(readAddress(printAddress(address))).toEqual(address)
})

test('an empty or broken address opens the plain view', () => {
  for (const hash of ['', '#', '#/dispatch', '#/dispatch?map=1,2&lang=fr&sel=x&mode=heat'])
    expect(readAddress(hash)).toEqual({ selection: null, language: undefined, place: undefined, mode: 'state' })
})

test('every map mode comes back from its address, and a leak is a thing that can be linked to', () => {
  for (const mode of PIPE_MODES) {
    const address = { selection: { kind: 'leak', id: 'L-7' }, language: undefined, place: undefined, mode } as const
    expect(readAddress(printAddress(address))).toEqual(address)
  }
})
