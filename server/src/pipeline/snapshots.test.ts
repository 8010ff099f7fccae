import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { CityCalendar, type Network, type Report } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNetworkFile } from '../config/network-file.ts'
import { CityState, type PositionedReport } from './city-state.ts'
import { readSnapshot, writeSnapshot } from './snapshots.ts'
import { FIRST_METER, FIRST_RTU, writeMadeCity } from './testing/made-city.ts'

const ZONES = 8
const METERS = 3_000 * ZONES
const START = Date.UTC(2026, 0, 5)
const CLOCK = { segments: [{ wall: START, event: START, speed: 1 }] }
const FILES = ['fleet.bin', 'detectors.bin', 'balances.bin', 'city.json']

interface Batch {
  readonly now: number
  readonly reports: readonly PositionedReport[]
}

let dir = ''
let network: Network
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gastwin-snapshots-'))
  network = await readNetworkFile(await writeMadeCity(dir, ZONES, METERS / ZONES))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Reports of meters (late, repeated, with events and radio) and RTUs, a minute apart; the same for the same seed. */
function* batches(from: number, to: number, seed: number): Generator<Batch> {
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let n = from; n < to; n++) {
    const now = START + n * 60_000
    const reports = Array.from({ length: 400 }, (_, i): PositionedReport => {
      const rtu = i % 40 === 0
      const at = now - random(20) * 60_000
      const report: Report = {
        device: rtu ? FIRST_RTU + random(ZONES) : FIRST_METER + random(METERS),
        kind: rtu ? 'rtu' : 'meter',
        trigger: 'timed',
        deviceTime: at,
        sequence: random(9),
        readings: rtu
          ? [{ quantity: 'pressure_pa', at, value: 103_000 + random(900) }]
          : [{ quantity: 'index_m3', at, value: n / 10 + random(3) }],
        events: random(50) === 0 ? ['magnet'] : [],
        status: { batteryVolt: 3 + random(6) / 10, pci: random(4), rsrpDbm: -140 + random(60) },
      }
      return { position: n * 400 + i, receivedAt: now, report, host: '10.0.0.1' }
    })
    yield { now, reports }
  }
}

function feed(city: CityState, some: Iterable<Batch>): void {
  for (const { now, reports } of some) city.take(reports, now)
}

/** What a snapshot of a city says, as a checksum a file. */
async function digestOf(folder: string, city: CityState): Promise<readonly string[]> {
  await writeSnapshot(path.join(dir, folder), city, 'net', null, false)
  const name = String(city.position).padStart(16, '0')
  return Promise.all(
    FILES.map(async (file) => {
      const bytes = await readFile(path.join(dir, folder, name, file))
      return `${file} ${createHash('sha256').update(bytes).digest('hex')}`
    }),
  )
}

async function restored(folder: string): Promise<CityState> {
  const faults: string[] = []
  const found = await readSnapshot(path.join(dir, folder), 'net', new CityCalendar(network.timeZone), (f) =>
    faults.push(f),
  )
  if (found === undefined) throw new Error(faults.join())
  const city = new CityState(network, CLOCK, found.fleet)
  expect(await city.load(found.balances, found.rows, found.city)).toBeUndefined()
  return city
}

describe('a snapshot', () => {
  test('written while reports go on is the state of its position: read back and brought up to date it is the one that never stopped', async () => {
    const going = new CityState(network, CLOCK)
    feed(going, batches(0, 100, 1))
    const { position } = going
    const before = await digestOf('before', going)
    const writing = writeSnapshot(path.join(dir, 'live'), going, 'net', null, true)
    let isWritten = false
    void writing.then(() => {
      isWritten = true
    })
    let fed = 0
    for (const batch of batches(100, 400, 2)) {
      going.take(batch.reports, batch.now)
      fed += 1
      await turn()
      if (isWritten) break
    }
    const cost = await writing
    expect(cost).toMatchObject({ position })
    expect(cost?.keptRows).toBeGreaterThan(500)
    const back = await restored('live')
    expect(await digestOf('back', back)).toEqual(before)
    feed(back, [...batches(100, 400, 2)].slice(0, fed))
    expect(await digestOf('b', back)).toEqual(await digestOf('a', going))
  }, 60_000)

  test('is given up when the service slept so long that all devices are forgiven meanwhile, and the next one is taken', async () => {
    const city = new CityState(network, CLOCK)
    feed(city, batches(0, 5, 3))
    const writing = writeSnapshot(path.join(dir, 'slept'), city, 'net', null, true)
    city.advanceTo(START + 86_400_000)
    expect(await writing).toBeUndefined()
    expect(
      await readSnapshot(path.join(dir, 'slept'), 'net', new CityCalendar('Asia/Shanghai'), () => {}),
    ).toBeUndefined()
    expect(await writeSnapshot(path.join(dir, 'slept'), city, 'net', null, false)).toBeDefined()
  })

  test('whose rows of detectors are cut off is passed over with the reason', async () => {
    const city = new CityState(network, CLOCK)
    feed(city, batches(0, 5, 4))
    await writeSnapshot(path.join(dir, 'cut'), city, 'net', null, false)
    await truncate(path.join(dir, 'cut', String(city.position).padStart(16, '0'), 'detectors.bin'), 70_000)
    const found = await readSnapshot(path.join(dir, 'cut'), 'net', new CityCalendar('Asia/Shanghai'), () => {})
    if (found === undefined) throw new Error('no snapshot')
    const other = new CityState(network, CLOCK, found.fleet)
    expect(await other.load(found.balances, found.rows, found.city)).toBe('the rows are cut off')
  })
})
