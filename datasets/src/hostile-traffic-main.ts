import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildCity } from './city/write-city.ts'
import { ATTACK_KINDS } from './hostile-scenarios/attack-kinds.ts'
import { generateTraffic } from './hostile-scenarios/generate-traffic.ts'

const USAGE = 'hostile-traffic-main --seed S --out DIR [--meters 2000] [--days 5] [--attackers 4]'

/** Program: writes a city's network document and what arrives at a service in some days of it, attackers among it. */
function main(): number {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      out: { type: 'string' },
      meters: { type: 'string', default: '2000' },
      days: { type: 'string', default: '5' },
      attackers: { type: 'string', default: '4' },
    },
  })
  const [seed, meters, days, attackers] = [values.seed, values.meters, values.days, values.attackers].map(Number)
  const whole = [seed, meters, days, attackers].every((n) => n !== undefined && Number.isSafeInteger(n))
  if (values.out === undefined || !whole || seed === undefined || meters === undefined || meters < 200) {
    process.stderr.write(`CLI_USAGE: ${USAGE}\n`)
    return 2
  }
  const { network: document, truth } = buildCity({ meters, seed })
  const start = Date.UTC(2026, seed % 12, 4, 16)
  const sayings = generateTraffic({
    ...{ document, truth, seed, start, days: days ?? 5, attackers: attackers ?? 4, kinds: ATTACK_KINDS },
  })
  mkdirSync(values.out, { recursive: true })
  const network = `city-${seed}.json`
  writeFileSync(path.join(values.out, network), JSON.stringify(document))
  const lines = [{ format: 'gastwin-traffic/1', network, seed }, ...sayings].map((line) => JSON.stringify(line))
  const file = path.join(values.out, `traffic-${seed}.ndjson`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  process.stdout.write(`${JSON.stringify({ file, sayings: sayings.length })}\n`)
  return 0
}

process.exitCode = main()
