import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LeakIncident, replayLeaks } from '@gastwin/analytics'
import { describe, expect, test } from 'vitest'
import { readNetworkFile } from '../config/network-file.ts'
import { readTelemetry } from '../telemetry/read-telemetry.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'scenarios')
/** What a plain sum of surpluses over the same hours of past days needs for the leak of this district, h. */
const NAIVE_H = 35

interface Truth {
  readonly events: readonly {
    readonly started_at: string
    readonly zone: string
    readonly pipe: string
    readonly standard_flow_m3_s: number
  }[]
}

async function replay(name: string): Promise<{ readonly alarms: readonly LeakIncident[]; readonly truth: Truth }> {
  const network = await readNetworkFile(join(folder, name, 'network.json'))
  const { watch } = replayLeaks(network, await readTelemetry(join(folder, name, 'telemetry.csv.gz')))
  return {
    alarms: watch.incidents().filter(({ detectedAt }) => detectedAt !== undefined),
    truth: JSON.parse(readFileSync(join(folder, name, 'truth.json'), 'utf8')) as Truth,
  }
}

describe.skipIf(!existsSync(folder))(
  `districts that were simulated elsewhere${existsSync(folder) ? '' : ` (SKIPPED: no reference data at ${folder})`}`,
  () => {
    test('the leak is found sooner than by a plain sum, on its own pipe and with its size, and nothing else is', async () => {
      const { alarms, truth } = await replay('leak-district-1')
      const [event] = truth.events
      const [found] = alarms
      expect(alarms.length).toBe(1)
      expect(found?.zone).toBe(event?.zone)
      const delayH = ((found?.detectedAt ?? 0) - Date.parse(event?.started_at ?? '')) / 3_600_000
      expect(delayH).toBeGreaterThan(0)
      expect(delayH).toBeLessThan(NAIVE_H)
      expect(found?.candidates[0]?.pipe).toBe(event?.pipe)
      expect(found?.standardFlow.p05).toBeLessThan(event?.standard_flow_m3_s ?? 0)
      expect(found?.standardFlow.p95).toBeGreaterThan(event?.standard_flow_m3_s ?? 0)
    })

    test('a drifting sensor, a feast, a valve and a new consumer bring no alarm, not even one that is withdrawn', async () => {
      expect((await replay('no-leak-district-1')).alarms).toEqual([])
    })
  },
)
