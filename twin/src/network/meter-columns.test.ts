import { describe, expect, test } from 'vitest'
import type { MeterColumns } from './meter-columns.ts'
import type { Meter } from './network-document.ts'
import { NetworkParts } from './network-parts.ts'
import { smallCity } from './testing/small-city.ts'

const city = smallCity()
const nodes = city.nodes.map((node) => node.id)
const zones = city.zones.map((zone) => zone.id)
const ROWS: readonly Meter[] = [
  {
    id: '500',
    node: nodes[1] ?? '',
    zone: zones[0] ?? '',
    kind: 'gas',
    size: 'G2.5',
    class: 'residential',
    installed_year: 2019,
    corrector: false,
    placement: 'indoor',
    read_schedule: 'daily',
    protected: null,
    lon: 112.5,
    lat: -33.25,
  },
  {
    id: '99999999999999',
    node: nodes[2] ?? '',
    kind: 'gas',
    size: 'G40',
    class: 'industrial',
    installed_year: null,
    corrector: true,
    placement: 'outdoor',
    read_schedule: '5min',
    protected: 'hospital',
    lon: null,
    lat: null,
  },
]
const COLUMNS: MeterColumns = {
  number: Float64Array.of(500, 99_999_999_999_999),
  node: Uint32Array.of(1, 2),
  zone: Uint16Array.of(0, 65_535),
  class: Uint8Array.of(0, 2),
  size: Uint8Array.of(1, 0),
  installed_year: Uint16Array.of(2019, 0),
  flags: Uint8Array.of(0, 0b111),
  protected: Uint8Array.of(0, 1),
  lon_micro: Int32Array.of(112_500_000, -0x8000_0000),
  lat_micro: Int32Array.of(-33_250_000, -0x8000_0000),
  words: {
    class: ['residential', 'commercial', 'industrial'],
    size: ['G40', 'G2.5'],
    protected: [null, 'hospital'],
  },
}

function networkOf(fill: (parts: NetworkParts) => void) {
  const parts = new NetworkParts(city, 1)
  fill(parts)
  const made = parts.finish()
  if (!made.ok) throw new Error(JSON.stringify(made.faults))
  return made.network
}

function faultsOf(part: MeterColumns): string[] {
  const parts = new NetworkParts(city)
  parts.addMeterColumns(part)
  const made = parts.finish()
  return made.ok ? [] : made.faults.map((f) => `${f.where}: ${f.what}, expected ${f.expected}`)
}

describe('meters given as columns', () => {
  test('make the same table as the same meters given as rows', () => {
    const byRow = networkOf((parts) => parts.addMeters(ROWS))
    const byColumn = networkOf((parts) => parts.addMeterColumns(COLUMNS))
    const told = ({ meters, metersAt, zones: z }: ReturnType<typeof networkOf>) => ({
      ...meters,
      words: undefined,
      size: Array.from(meters.size, (code) => meters.words.size[code]),
      schedule: Array.from(meters.schedule, (code) => meters.words.schedule[code]),
      protection: Array.from(meters.protection, (code) => meters.words.protection[code]),
      ids: Array.from({ length: meters.count }, (_, m) => meters.idOf(m)),
      rows: Array.from({ length: meters.count }, (_, m) => meters.meterOf(meters.idOf(m))),
      metersAt,
      ofZones: z.meters,
      idOf: undefined,
      meterOf: undefined,
      meterOfDevice: undefined,
      add: undefined,
    })
    expect(told(byColumn)).toEqual(told(byRow))
    expect(byColumn.meters.meterOfDevice(99_999_999_999_999)).toBe(city.meters.length + 1)
  })

  test('may come in several portions', () => {
    const half = (from: number, to: number): MeterColumns => ({
      ...COLUMNS,
      ...Object.fromEntries(
        Object.entries(COLUMNS).flatMap(([name, column]) =>
          ArrayBuffer.isView(column) ? [[name, (column as Uint8Array).slice(from, to)]] : [],
        ),
      ),
    })
    const whole = networkOf((parts) => parts.addMeterColumns(COLUMNS)).meters
    const portions = networkOf((parts) => {
      parts.addMeterColumns(half(0, 1))
      parts.addMeterColumns(half(1, 2))
    }).meters
    expect({ ...portions, idOf: 0, meterOf: 0, meterOfDevice: 0, add: 0 }).toEqual({
      ...whole,
      idOf: 0,
      meterOf: 0,
      meterOfDevice: 0,
      add: 0,
    })
  })

  test.each([
    [
      'number',
      { number: Float64Array.of(0, 1.5) },
      ['meters[4] "0".id: 0, expected', 'meters[5] "1.5".id: 1.5, expected'],
    ],
    ['a number of 15 digits', { number: Float64Array.of(500, 1e14) }, ['meters[5] "100000000000000".id']],
    ['a number twice', { number: Float64Array.of(500, 500) }, ['meters[5] "500".id: "used before"']],
    ['a number of a row before', { number: Float64Array.of(101, 500) }, ['meters[4] "101".id: "used before"']],
    [
      'node',
      { node: Uint32Array.of(1, 70_000) },
      ['meters[5] "99999999999999".node: 70000, expected a place in the list of'],
    ],
    ['zone', { zone: Uint16Array.of(900, 0) }, ['meters[4] "500".zone: 900']],
    ['class', { class: Uint8Array.of(3, 0) }, ['meters[4] "500".class: 3']],
    ['size', { size: Uint8Array.of(2, 0) }, ['meters[4] "500".size: 2']],
    ['protected', { protected: Uint8Array.of(0, 2) }, ['meters[5] "99999999999999".protected: 2']],
    ['flags', { flags: Uint8Array.of(8, 0) }, ['meters[4] "500".flags: 8']],
    ['year', { installed_year: Uint16Array.of(1799, 0) }, ['meters[4] "500".installed_year: 1799']],
    ['lon', { lon_micro: Int32Array.of(180_000_001, 0) }, ['meters[4] "500".lon_micro: 180000001']],
    ['lat', { lat_micro: Int32Array.of(0, -90_000_001) }, ['meters[5] "99999999999999".lat_micro: -90000001']],
    ['length', { node: Uint32Array.of(1) }, ['meters_file.node: 1 values, expected 2 values, as of number']],
    ['words', { words: { ...COLUMNS.words, class: ['home'] } }, ['meters_file.words.class[0]: "home"']],
  ] as const)('with a wrong %s are refused, each fault with its place', (_, change, expected) => {
    const faults = faultsOf({ ...COLUMNS, ...change } as MeterColumns)
    expect(faults).toHaveLength(expected.length)
    expected.forEach((text, i) => {
      expect(faults[i]).toContain(text)
    })
  })

  test('may not have the number of an RTU or a valve', () => {
    const number = Number(city.rtus.find((rtu) => rtu.device_number)?.device_number)
    expect(number).toBeGreaterThan(0)
    expect(faultsOf({ ...COLUMNS, number: Float64Array.of(500, number) })).toEqual([
      expect.stringMatching(/^meters\[5\] "\d+"\.id: device number \d+ is also that of rtus\[0\]/),
    ])
  })
})
