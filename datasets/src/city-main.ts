import { parseArgs } from 'node:util'
import { writeCity } from './city/write-city.ts'

const USAGE = 'city-main --meters N --seed S --out DIR [--zones Z] [--concentrators C]'
/** Meters for which a city has one concentrator when nobody says how many; a hundred at most. */
const METERS_A_CONCENTRATOR = 2000

/** Program: writes an invented city. */
function main(): number {
  const { values } = parseArgs({
    options: {
      meters: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      zones: { type: 'string' },
      concentrators: { type: 'string' },
    },
  })
  const meters = Number(values.meters)
  const seed = Number(values.seed)
  const zones = values.zones === undefined ? undefined : Number(values.zones)
  const concentrators =
    values.concentrators === undefined
      ? Math.min(100, Math.floor(meters / METERS_A_CONCENTRATOR))
      : Number(values.concentrators)
  const whole = [meters, seed, zones ?? 1, concentrators].every((n) => Number.isSafeInteger(n))
  if (values.out === undefined || !whole || meters < 200 || meters > 90_000_000 || (zones ?? 1) < 1) {
    process.stderr.write(`CLI_USAGE: ${USAGE}; 200 ≤ N ≤ 90000000, Z ≥ 1\n`)
    return 2
  }
  const began = performance.now()
  const made = writeCity(values.out, { meters, seed, concentrators, ...(zones === undefined ? {} : { zones }) })
  process.stdout.write(
    `${JSON.stringify({ meters, ...made, seconds: Math.round(performance.now() - began) / 1000 })}\n`,
  )
  return 0
}

process.exitCode = main()
