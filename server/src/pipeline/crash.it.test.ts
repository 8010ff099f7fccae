import { expect, test } from 'vitest'
import { crashService } from './testing/crash-service.ts'

test('a service killed again and again loses no acknowledged report and counts none twice', async () => {
  const kills = Number(process.env['GASTWIN_SERVICE_KILLS'] ?? 25)
  const result = await crashService(kills, 20_261)
  expect(result).toMatchObject({ lost: 0, doubled: 0, salesErrorM3: 0, damaged: 0, refused: 0 })
  expect(result.kills).toBeGreaterThanOrEqual(kills)
  expect(result.acknowledged).toBeGreaterThan(kills * 40)
}, 300_000)
