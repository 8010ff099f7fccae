import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkScenario } from './testing/check-scenario.ts'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'scenarios')

describe.skipIf(!existsSync(folder))(
  `simulated districts${existsSync(folder) ? '' : ` (SKIPPED: no reference data at ${folder})`}`,
  () => {
    test('what others say of each RTU is as near to its readings as it claims; the stuck one is named and comes back', () => {
      const check = checkScenario(join(folder, 'leak-district-1'), { learned: 72, watched: 60, trials: false })
      expect(check.unsolved).toBe(0)
      expect(check.soundRms).toBeGreaterThan(0.6)
      expect(check.soundRms).toBeLessThan(1.2)
      expect(Math.abs(check.normalisedMean)).toBeLessThan(0.3)
      expect(check.pressureRmsPa).toBeLessThan(check.uncalibratedRmsPa / 3)
      expect(check.verdicts.filter(({ kind }) => kind !== 'withdrawal').map(({ id }) => id)).toContain('rtu-p014')
      expect(new Set(check.verdicts.filter(({ kind }) => kind !== 'withdrawal').map(({ id }) => id)).size).toBe(1)
    })

    test('the drifting one is named, and no other', () => {
      const check = checkScenario(join(folder, 'no-leak-district-1'), { learned: 72, watched: 96, trials: false })
      const named = check.verdicts.filter(({ kind }) => kind === 'drift' || kind === 'stuck').map(({ id }) => id)
      expect(named).toEqual(['rtu-p011'])
      expect(check.soundRms).toBeLessThan(1.2)
    })
  },
)
