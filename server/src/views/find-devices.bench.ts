import { setImmediate as turn } from 'node:timers/promises'
import { buildNetwork, WALL_CLOCK } from '@gastwin/twin'
import { Archive } from '../devices/archive.ts'
import { planImport } from '../devices/import-archive.ts'
import { MeterBook } from '../devices/meter-book.ts'
import { personalSeal } from '../devices/personal-seal.ts'
import { CityState } from '../pipeline/city-state.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { type DeviceFilter, DeviceFinder } from './find-devices.ts'

interface FindBenchOptions {
  readonly json: boolean
  readonly meters?: string
  readonly rows?: string
}

interface Cost {
  readonly ms: number
  readonly cpu: number
  readonly longest: number
}

/** Time of some work, processor time, and the longest turn of the loop while it ran, ms: what a safety decision would have waited. */
async function measured(work: () => Promise<unknown>): Promise<Cost> {
  let longest = 0
  let done = false
  const watch = (async () => {
    for (let last = performance.now(); !done; ) {
      await turn()
      const at = performance.now()
      longest = Math.max(longest, at - last)
      last = at
    }
  })()
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  const used = process.cpuUsage(cpu)
  const ms = performance.now() - begin
  done = true
  await watch
  return { ms, cpu: (used.user + used.system) / 1000, longest }
}

/** One page out of many meters by what they are, and a table of the archive: how long, and whom it holds up. */
export async function run(options: FindBenchOptions): Promise<Record<string, number>> {
  const count = Number(options.meters ?? 1_000_000)
  const rows = Number(options.rows ?? 100_000)
  const city = new CityState(buildNetwork(madeCity(10, count / 10, 1)), WALL_CLOCK)
  const { network, fleet, views } = city
  const archive = new Archive()
  const finder = new DeviceFinder({ network, fleet, views, archive, meters: new MeterBook(), now: () => Date.now() })
  const page = (filter: DeviceFilter) => measured(() => finder.find(filter, 0, 50))
  await page({})
  const byState = await page({ conditions: ['never_heard'], zone: 'Z2' })
  const byText = await page({ query: '9999' })
  const seal = personalSeal(new Uint8Array(16).fill(7))
  const table = [
    'premises,point,address',
    ...Array.from({ length: rows }, (_, i) => `H${i},${FIRST_METER + i},Road ${i}`),
  ].join('\r\n')
  let changes = 0
  const imported = await measured(async () => {
    const plan = await planImport('premises', table, { archive, seal, isPoint: () => true })
    changes = plan.changes.length
  })
  return {
    meters: count,
    page_by_state_ms: byState.ms,
    page_by_state_cpu_ms: byState.cpu,
    page_by_state_longest_turn_ms: byState.longest,
    page_by_text_ms: byText.ms,
    page_by_text_cpu_ms: byText.cpu,
    page_by_text_longest_turn_ms: byText.longest,
    import_rows: changes,
    import_ms: imported.ms,
    import_cpu_ms: imported.cpu,
    import_longest_turn_ms: imported.longest,
  }
}
