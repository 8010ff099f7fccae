import { expect, test } from 'vitest'
import { plainAlarm } from '../testing/plain-alarm.ts'
import { en } from '../text/en/index.ts'
import { zh } from '../text/zh/index.ts'
import { alarmWords, hintOf } from './alarm-words.ts'

const base = plainAlarm({
  ...{ id: 'A1', asset: { kind: 'rtu', id: 'RTU-007' }, zone: 'Z-38' },
  ...{ value: 102_125, limit: 102_525, unit: 'Pa', affected_meters: 1284 },
})
const zoneName = (id: string) => `${id} Harbour`
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ')

test('a row says what, how much against which limit, where, since when, what follows and what to do', () => {
  const words = alarmWords(base, en, zoneName, 240_000)
  expect(plain(Object.values(words).join(' | '))).toBe(
    'Pressure LOW | 0.80 kPa (limit 1.20 kPa) | RTU-007 · Z-38 Harbour | 4 min | flames go out · 1 284 customers | check regulator and inlet',
  )
  expect(alarmWords(base, zh, zoneName, 240_000).what).toBe('压力过低')
})

test('gas is a share of the explosive limit, a fall of pressure is a difference', () => {
  const gas = { ...base, rule: 'gas_detected', value: 0.12, limit: 0.1, unit: '1' }
  expect(plain(alarmWords(gas, en, zoneName, 0).measure)).toBe('12 % LEL (limit 10 % LEL)')
  const drop = { ...base, rule: 'pressure_drop', value: 2400, limit: 1000 }
  expect(plain(alarmWords(drop, en, zoneName, 0).measure)).toBe('2.40 kPa (limit 1.00 kPa)')
})

test('cells are counted, probabilities are percent, and a device that only says so shows no number', () => {
  const cell = {
    ...base,
    rule: 'cell_offline',
    asset: { kind: 'system', id: 'cell' },
    value: 312,
    limit: 256,
    unit: '1',
  }
  expect(alarmWords(cell, en, zoneName, 0).measure).toBe('312 (limit 256)')
  expect(hintOf('stopped_probability')).toBe('ratio')
  const told = { ...base, rule: 'gas_detected', value: 1, limit: 1, unit: '1' }
  expect(alarmWords(told, en, zoneName, 0).measure).toBe('')
})

test('one alarm of a whole zone counts its meters', () => {
  const grouped = { ...base, rule: 'battery_low', asset: { kind: 'zone', id: 'Z-38' }, value: 37, unit: 'V' }
  expect(alarmWords(grouped, en, zoneName, 0)).toMatchObject({ measure: '37 meters', where: 'Z-38 Harbour' })
})

test('codes nobody has translated stay readable', () => {
  const odd = { ...base, rule: 'some_new_rule', action: 'do_this_first', unit: 'lx', value: 3, limit: 2 }
  expect(alarmWords(odd, en, zoneName, 0)).toMatchObject({ what: 'some new rule', action: 'do this first' })
})
