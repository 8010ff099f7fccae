import { createDetectors } from './create-detectors.ts'
import type { DetectorContext, MeterFacts } from './detector-context.ts'
import { meterSize } from './meter-size.table.ts'
import { reportOf } from './testing/city-context.ts'

const START = Date.UTC(2026, 0, 5)
const HOME: MeterFacts = { gas: true, class: 'residential', size: meterSize('G2.5'), corrector: false }

/** Daily reports of many sound homes through all detectors: reports per second, and heap growth per report. */
export async function run(options: { readonly json: boolean; readonly meters?: number; readonly days?: number }) {
  const { meters = 200_000, days = 10 } = options
  const context = homes(meters)
  const detectors = createDetectors(context)
  const batches: ReturnType<typeof reportOf>[][] = []
  for (let day = 0; day < days; day++) {
    const noon = START + day * 86_400_000
    const batch = Array.from({ length: meters }, (_, slot) =>
      reportOf(
        context,
        slot,
        noon + slot * 10,
        { index_m3: Math.floor((day * (slot % 13)) / 2) / 10 + 5 },
        { status: { rsrpDbm: -90, sinrDb: 5, pci: slot % 50 } },
      ),
    )
    batches.push(batch)
  }
  let told = 0
  const heap = process.memoryUsage().heapUsed
  const begin = performance.now()
  for (const [day, batch] of batches.entries()) {
    const now = START + day * 86_400_000 + meters * 10
    for (const detector of detectors) told += detector.observe(batch, now).length
  }
  const seconds = (performance.now() - begin) / 1000
  const tickBegin = performance.now()
  for (let minute = 0; minute < 60; minute++) {
    for (const detector of detectors) told += detector.tick(START + days * 86_400_000 + minute * 60_000).length
  }
  return {
    meters,
    reports: meters * days,
    reports_per_s: Math.round((meters * days) / seconds),
    tick_ms: (performance.now() - tickBegin) / 60,
    heap_bytes_per_report: (process.memoryUsage().heapUsed - heap) / (meters * days),
    told,
  }
}

function homes(count: number): DetectorContext {
  return {
    slotCount: count,
    zones: [{ id: 'Z', inlets: [] }],
    rtus: [],
    kindOf: () => 'meter',
    assetOf: (slot) => ({ kind: 'meter', id: String(slot) }),
    zoneOf: () => 0,
    rtuOf: () => -1,
    meterOf: () => HOME,
    installedYearOf: () => 2020,
    reportEveryMs: () => 86_400_000,
    utcOffsetMs: () => 8 * 3_600_000,
    outdoorTemperatureK: () => undefined,
    zoneDays: () => [],
  }
}
