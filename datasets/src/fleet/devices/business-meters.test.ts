import { expect, test } from 'vitest'
import { buildCity } from '../../city/write-city.ts'
import { LivedCity } from '../lived-city.ts'

const MINUTE = 60_000

test('registers of businesses never run backwards, however their clocks are set', () => {
  const { network: document, truth } = buildCity({ meters: 600, seed: 3 })
  const start = Date.UTC(2026, 3, 4, 16)
  const city = new LivedCity({ document, truth, seed: 3, start, leaks: [], stepMinutes: () => 30 })
  const { link } = city
  const report: typeof link.report = link.report.bind(link)
  let answers = 0
  // A service that is behind by a while on a clock that runs fast says times that differ by many minutes.
  Object.assign(link, {
    report: (...[socket, path, format, said, waits, done, silent]: Parameters<typeof report>) =>
      report(
        ...([socket, path, format, said, waits] as const),
        (answer) =>
          done(
            answer.kind === 'accepted'
              ? { ...answer, now: answer.now + (++answers % 3) * 20 * MINUTE - 20 * MINUTE }
              : answer,
          ),
        silent,
      ),
  })
  const last = new Map<number, number>()
  let looked = 0
  for (const { reports } of city.until(start + 30 * 60 * MINUTE))
    for (const { device, kind, readings } of reports) {
      if (kind !== 'meter' || readings.length < 5) continue
      for (const { quantity, value } of readings) {
        if (quantity !== 'standard_index_m3' && quantity !== 'index_m3') continue
        expect(value).toBeGreaterThanOrEqual(last.get(device) ?? 0)
        last.set(device, value)
        looked += 1
      }
    }
  expect(looked).toBeGreaterThan(500)
})
