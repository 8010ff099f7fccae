import { readFileSync } from 'node:fs'
import type { AppliedReport } from '@gastwin/twin'
import { CityContext, reportOf } from '../detectors/testing/city-context.ts'
import { decodeModel } from '../models/model-container.ts'
import { HostileWatch } from './hostile-watch.ts'
import { unpackTerminalModel } from './terminal-model.ts'

const START = Date.UTC(2026, 0, 5)
const DAY = 86_400_000
const MODEL = new URL('../../../server/models/hostile-default.model', import.meta.url)

/** Processor time of this process, ms: other programs beside it do not count. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What the watch over terminals costs: a report of a sound home, a report while as many as possible are looked at, and the looks of twenty minutes. */
export async function run(options: { readonly json: boolean; readonly meters?: number }) {
  const meters = Number(options.meters ?? 200_000)
  const city = new CityContext()
  city.addZone('Z')
  for (let i = 0; i < meters; i++) city.addMeter(0)
  const bytes = readFileSync(MODEL)
  const model = unpackTerminalModel(decodeOf(bytes.subarray(bytes.indexOf(10) + 1)))
  if (typeof model === 'string') throw new Error(model)
  const watch = new HostileWatch(city)
  watch.useModel(model)
  const origin = (slot: number) => ({ address: `100.64.${slot % 4}.1`, port: 10_000 + (slot % 50_000), sealed: false })
  const nightOf = (day: number): AppliedReport[] =>
    Array.from({ length: meters }, (_, slot) => ({
      ...reportOf(
        city,
        slot,
        START + day * DAY + slot,
        { index_m3: day },
        { sequence: day, status: { pci: slot % 50 } },
      ),
      origin: origin(slot),
    }))
  const [first, quiet, busy] = [nightOf(0), nightOf(1), nightOf(2)]
  watch.observe(first)
  const perReport = (batch: readonly AppliedReport[]): number => {
    const begin = cpuMs()
    watch.observe(batch)
    return (1000 * (cpuMs() - begin)) / batch.length
  }
  const quietUs = perReport(quiet)
  // Their carrier gives all of them other ports in a night.
  const moved = quiet.map((applied, slot) => ({
    ...applied,
    origin: { ...origin(slot), port: 9_999 - (slot % 5_000) },
  }))
  const movedUs = perReport(moved)
  for (let i = 0; i < 5_000; i++)
    for (let n = 0; n < 4; n++)
      watch.noteRefused(i + 1, i, { address: '203.0.1.1', port: 60_000, sealed: false }, 'unreadable', START + DAY)
  let [looks, longest] = [0, 0]
  for (let minute = 1; minute <= 20; minute++) {
    const begin = cpuMs()
    watch.tick(START + DAY + minute * 60_000)
    const took = cpuMs() - begin
    looks += took / 20
    longest = Math.max(longest, took)
  }
  return {
    ...{
      meters,
      looked_at: watch.episodes.size,
      report_us: quietUs,
      moved_report_us: movedUs,
      report_us_while_looking: perReport(busy),
    },
    ...{ tick_ms: looks, longest_tick_ms: longest, bytes_per_device: watch.rows.bytesPerRow },
  }
}

function decodeOf(bytes: Uint8Array) {
  const model = decodeModel(bytes)
  if (typeof model === 'string') throw new Error(model)
  return model
}
