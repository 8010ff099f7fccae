import { expect, test } from 'vitest'
import { PIPE_MODES } from '../map/pipe-mode.ts'
import { FIRST_PERIOD } from '../state/gap-period.ts'
import { printAddress, readAddress, screenOf } from './address.ts'

test('a link opens the view it was made from', () => {
  const address = {
    screen: 'gap',
    selection: { kind: 'pipe', id: 'edge:10&x' },
    language: 'zh',
    place: { lon: 121.47123, lat: 31.23456, zoom: 13.25 },
    mode: 'pressure',
    period: { every: 'month', from: 1_793_462_400_000 },
    tab: 'rates',
  } as const
  expect(readAddress(printAddress(address))).toEqual(address)
})

test('an empty or broken address opens the plain view', () => {
  for (const hash of ['', '#', '#/dispatch', '#/dispatch?map=1,2&lang=fr&sel=x&mode=heat&tab=nothing'])
    expect(readAddress(hash)).toEqual({
      screen: 'dispatch',
      selection: null,
      language: undefined,
      place: undefined,
      mode: 'state',
      period: FIRST_PERIOD,
      tab: 'list',
    })
})

test('every map mode comes back from its address, and a leak is a thing that can be linked to', () => {
  for (const mode of PIPE_MODES) {
    const address = {
      screen: 'dispatch',
      selection: { kind: 'leak', id: 'L-7' },
      language: undefined,
      place: undefined,
      mode,
      period: FIRST_PERIOD,
      tab: 'list',
    } as const
    expect(readAddress(printAddress(address))).toEqual(address)
  }
})

test('an address names its screen; a place within the page names none', () => {
  expect(screenOf('#/gap?sel=zone:Z-07')).toBe('gap')
  for (const hash of ['', '#map', '#/nowhere']) expect(screenOf(hash)).toBeUndefined()
})
