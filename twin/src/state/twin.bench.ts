import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Report } from '../reading/report.ts'
import { CityCalendar } from '../time/city-day.ts'
import { FleetRestore, snapshotFleet } from './fleet-snapshot.ts'
import { FleetState } from './fleet-state.ts'
import type { StateSink } from './state-sink.ts'

const DAY = 86_400_000

/** Bytes a meter, apply rate, and restart (file → state with index) of a fleet of `meters`, 10 million unless told. */
export async function run(options: {
  json: boolean
  meters?: number | string
}): Promise<Record<string, number | string>> {
  const meters = Number(options.meters ?? 10_000_000)
  const calendar = new CityCalendar('Asia/Shanghai')
  const fleetOptions = { capacity: meters, dayNumber: (at: number) => calendar.dayNumber(at) }
  const timed = <T>(work: () => T): readonly [seconds: number, result: T] => {
    const start = performance.now()
    const result = work()
    return [(performance.now() - start) / 1000, result]
  }
  const [registerS, fleet] = timed(() => {
    const made = new FleetState(fleetOptions)
    for (let i = 0; i < meters; i++)
      made.register({ number: 18_000_000_000_000 + i * 7, kind: 'meter', asset: i, zone: i % 1000, node: i >> 3 })
    return made
  })
  let told = 0
  const sink: StateSink = {
    advance: () => {
      told += 1
    },
    sample: () => {},
    anomaly: () => {},
  }
  const monday = Date.UTC(2026, 0, 5)
  const [applyS] = timed(() => {
    for (let day = 0; day < 2; day++)
      for (let i = 0; i < meters; i++)
        fleet.apply(reportOf((i * 7919) % meters, monday + day * DAY, day), monday + day * DAY, sink)
  })
  const bytes = fleet.byteLength / meters
  const folder = mkdtempSync(path.join(tmpdir(), 'gastwin-twin-'))
  const file = path.join(folder, 'fleet.snapshot')
  const [snapshotS, snapshotBytes] = timed(() => {
    const out = openSync(file, 'w')
    let written = 0
    for (const part of snapshotFleet(fleet, 1)) written += writeSync(out, part)
    closeSync(out)
    return written
  })
  const [restoreS, restored] = timed(() => {
    const reader = new FleetRestore(fleetOptions)
    const source = openSync(file, 'r')
    const buffer = new Uint8Array(4 << 20)
    for (let n = readSync(source, buffer); n > 0; n = readSync(source, buffer)) reader.push(buffer.subarray(0, n))
    closeSync(source)
    return reader.finish()
  })
  rmSync(folder, { recursive: true })
  if (!restored.ok || restored.fleet.slotOf(18_000_000_000_000) !== 0)
    throw new Error('the restored fleet is not the one saved')
  return {
    meters,
    bytes_per_meter: round(bytes),
    register_per_s: Math.round(meters / registerS),
    apply_per_s: Math.round((2 * meters) / applyS),
    advances: told,
    snapshot_mb: Math.round(snapshotBytes / 1e6),
    snapshot_s: round(snapshotS),
    restore_s: round(restoreS),
    rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
  }
}

const round = (x: number) => Math.round(x * 100) / 100

function reportOf(meter: number, at: number, day: number): Report {
  return {
    device: 18_000_000_000_000 + meter * 7,
    kind: 'meter',
    trigger: 'timed',
    deviceTime: at,
    sequence: day,
    readings: [{ quantity: 'index_m3', at, value: 100 + day * 0.8 }],
    events: [],
    status: { batteryVolt: 3.6, rsrpDbm: -101, sinrDb: 7 },
  }
}
