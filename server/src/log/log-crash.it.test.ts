import { expect, test } from 'vitest'
import { crashLog } from './testing/crash-harness.ts'
import { temporaryDirectory } from './testing/temporary-log.ts'

test('a writer killed at random moments loses nothing acknowledged, doubles nothing, damages nothing', async () => {
  const kills = Number(process.env['GASTWIN_LOG_KILLS'] ?? 10)
  const { dir, remove } = await temporaryDirectory()
  let seed = 20261
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const result = await crashLog(dir, kills, random)
  await remove()
  expect(result).toMatchObject({ kills, lost: 0, doubled: 0, damaged: 0 })
  expect(result.acknowledged).toBeGreaterThan(kills * 10)
  expect(result.records).toBeGreaterThanOrEqual(result.acknowledged)
}, 120_000)
