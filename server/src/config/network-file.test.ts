import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { METER_COLUMN_TYPES, UsageError } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { identifyNetworkFile } from './network-file.ts'

const DOCUMENT = {
  format: 'gastwin-network/1',
  name: 'two nodes',
  time_zone: 'Asia/Shanghai',
  fluid: { kind: 'gas', density_kg_m3: 0.7, density_state: { pressure_pa: 101_325, temperature_k: 293.15 } },
  nodes: [
    { id: 'A', kind: 'gate_station', zone: 'Z' },
    { id: 'B', kind: 'delivery', zone: 'Z' },
  ],
  pipes: [{ id: 'P', from: 'A', to: 'B', length_m: 100, diameter_m: 0.1 }],
  valves: [],
  regulators: [],
  sources: [{ node: 'A', pressure_pa: 103_000 }],
  zones: [{ id: 'Z', name: 'all', inlets: [{ edge: 'P', sign: 1 }] }],
  meters: [{ id: '7', node: 'B', kind: 'gas' }],
  rtus: [],
}
const METERS_FILE = {
  format: 'gastwin-meter-columns/1',
  folder: 'meters',
  count: 3,
  columns: METER_COLUMN_TYPES,
  words: { class: ['residential'], size: ['G2.5'], protected: [null] },
}
const COLUMNS = {
  number: Float64Array.of(101, 102, 103),
  node: Uint32Array.of(1, 1, 0),
  zone: new Uint16Array(3),
  class: new Uint8Array(3),
  size: new Uint8Array(3),
  installed_year: Uint16Array.of(2020, 0, 2021),
  flags: new Uint8Array(3),
  protected: new Uint8Array(3),
  lon_micro: new Int32Array(3),
  lat_micro: new Int32Array(3),
}

function written(metersFile: unknown = METERS_FILE, columns: Readonly<Record<string, ArrayBufferView>> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gastwin-network-'))
  const file = path.join(folder, 'network.json')
  writeFileSync(file, JSON.stringify(metersFile === null ? DOCUMENT : { ...DOCUMENT, meters_file: metersFile }))
  mkdirSync(path.join(folder, 'meters'))
  for (const [name, column] of Object.entries({ ...COLUMNS, ...columns }))
    writeFileSync(path.join(folder, 'meters', `${name}.bin`), column)
  return { file, meters: (name: string) => path.join(folder, 'meters', name) }
}

async function refusal(file: string): Promise<string> {
  const error = await identifyNetworkFile(file).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(UsageError)
  expect((error as UsageError).code).toBe('NET_DOCUMENT')
  return (error as UsageError).message
}

describe('a network document with meters in column files', () => {
  test('has the meters of the document and those of the files', async () => {
    const { network } = await identifyNetworkFile(written().file)
    const { meters } = network
    expect(Array.from({ length: meters.count }, (_, m) => meters.idOf(m))).toEqual(['7', '101', '102', '103'])
    expect([...meters.installedYear]).toEqual([0, 2020, 0, 2021])
    expect(meters.meterOfDevice(103)).toBe(3)
  })

  test('is another network when a column has another content, the same when nothing changed', async () => {
    const first = await identifyNetworkFile(written().file)
    const again = await identifyNetworkFile(written().file)
    const other = await identifyNetworkFile(
      written(METERS_FILE, { installed_year: Uint16Array.of(2020, 1999, 2021) }).file,
    )
    const none = await identifyNetworkFile(written(null).file)
    expect(again.id).toBe(first.id)
    expect(first.id).toMatch(/^[0-9a-f]{16}$/)
    expect(new Set([first.id, other.id, none.id]).size).toBe(3)
  })

  test('says which file is missing or has the wrong length', async () => {
    const missing = written()
    rmSync(missing.meters('node.bin'))
    expect(await refusal(missing.file)).toContain(`${missing.meters('node.bin')}: ENOENT`)
    const short = written(METERS_FILE, { number: Float64Array.of(101) })
    expect(await refusal(short.file)).toBe(
      `${short.meters('number.bin')}: 8 bytes, expected 24: 3 meters of 8 bytes (f64)`,
    )
  })

  test.each([
    [
      { format: 'gastwin-meter-columns/2' },
      'meters_file.format: "gastwin-meter-columns/2", expected gastwin-meter-columns/1',
    ],
    [{ folder: '../elsewhere' }, 'meters_file.folder: "../elsewhere", expected a folder beside the document'],
    [{ folder: '/etc' }, 'meters_file.folder: "/etc"'],
    [{ count: -1 }, 'meters_file.count: -1'],
    [{ columns: { ...METER_COLUMN_TYPES, node: 'u16' } }, 'meters_file.columns.node: "u16", expected u32'],
    [{ columns: undefined }, 'meters_file.columns.number: missing, expected f64'],
    [{ words: { class: [], size: [] } }, 'meters_file.words.protected: missing, expected a list of strings or null'],
    [{ words: undefined }, 'meters_file.words.class: missing'],
  ])('says what is wrong in %j', async (change, expected) => {
    expect(await refusal(written({ ...METERS_FILE, ...change }).file)).toContain(expected)
  })

  test('lists faults of rows as those of a document', async () => {
    const { file } = written(METERS_FILE, { node: Uint32Array.of(1, 9, 0), number: Float64Array.of(101, 7, 103) })
    expect((await refusal(file)).split('\n')).toEqual([
      expect.stringContaining(`${file}: meters[2] "7".id: "used before", expected an id of its own among meters`),
      expect.stringContaining(`${file}: meters[2] "7".node: 9, expected a place in the list of 2 nodes`),
    ])
  })
})
