import { appendFileSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type ClockPlan, GasTwinError, type NetworkDocument } from '@gastwin/twin'
import type { CityTruth } from './city/city-truth.ts'
import { readIdentities, readSecureIdentities } from './fleet/devices/device-identity.ts'
import { Fleet } from './fleet/fleet.ts'
import { scenarios } from './fleet/scenario/scenarios.ts'

const USAGE =
  'fleet-main --network FILE --truth FILE --to HOST:PORT --clock JSON --scenario NAME --seed S --key HEX [--events FILE] [--identities FILE] [--dtls PORT --dtls-keys FILE] [--sockets N] [--loss P] [--repeat P] | --list'
const STATS_MS = 5000

/** Program: emulated devices that report to a service over CoAP. Statistics go to stdout, one JSON line every few seconds. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      network: { type: 'string' },
      truth: { type: 'string' },
      to: { type: 'string', default: '127.0.0.1:5683' },
      clock: { type: 'string' },
      scenario: { type: 'string', default: 'day' },
      seed: { type: 'string', default: '1' },
      key: { type: 'string' },
      events: { type: 'string' },
      identities: { type: 'string' },
      dtls: { type: 'string' },
      'dtls-keys': { type: 'string' },
      sockets: { type: 'string', default: '128' },
      loss: { type: 'string', default: '0.004' },
      repeat: { type: 'string', default: '0.002' },
      quiet: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  })
  if (values.list) {
    for (const s of scenarios) process.stdout.write(`${s.name.padEnd(14)} ${s.description}\n`)
    return 0
  }
  const { network, truth, clock, key, events } = values
  if (
    network === undefined ||
    truth === undefined ||
    clock === undefined ||
    key === undefined ||
    !/^([0-9a-f]{2}){16,}$/i.test(key)
  ) {
    process.stderr.write(`CLI_USAGE: ${USAGE}\n`)
    return 2
  }
  const document = JSON.parse(readFileSync(network, 'utf8')) as NetworkDocument
  if (document.meters.length === 0) {
    process.stderr.write(
      'CLI_USAGE: the fleet plays cities whose meters stand in the network document (up to 200000)\n',
    )
    return 2
  }
  const [host = '127.0.0.1', port = '5683'] = values.to.split(':')
  const fleet = await Fleet.open({
    document,
    truth: JSON.parse(readFileSync(truth, 'utf8')) as CityTruth,
    host,
    port: Number(port),
    plan: JSON.parse(clock) as ClockPlan,
    scenario: values.scenario,
    seed: Number(values.seed),
    masterKey: Buffer.from(key, 'hex'),
    ...(values.identities !== undefined && { identities: readIdentities(values.identities) }),
    ...(values.dtls !== undefined &&
      values['dtls-keys'] !== undefined && {
        secure: { host, port: Number(values.dtls), identities: readSecureIdentities(values['dtls-keys']) },
      }),
    sockets: Number(values.sockets),
    loss: Number(values.loss),
    repeat: Number(values.repeat),
    onTruth: (event) => {
      if (events !== undefined) appendFileSync(events, `${JSON.stringify(event)}\n`)
    },
  })
  fleet.run()
  const timer = values.quiet
    ? undefined
    : setInterval(() => process.stdout.write(`${JSON.stringify(fleet.stats())}\n`), STATS_MS)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
    process.once('disconnect', resolve)
  })
  clearInterval(timer)
  await fleet.close()
  return 0
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const text = error instanceof GasTwinError ? `${error.code}: ${error.message}` : String(error)
    process.stderr.write(`${text}\n`)
    process.exit(1)
  },
)
