import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { type Network, PeerDataError, type Quantity, type Reading, UsageError } from '@gastwin/twin'
import { readNetworkFile } from '../config/network-file.ts'
import { CONTENT_FORMAT, encodeReport } from '../protocol/index.ts'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'
import { DeviceSender } from './device-sender.ts'

const USAGE =
  'gastwin replay TELEMETRY.csv[.gz] --network FILE --to coap://HOST:PORT [--speed N]   (speed 0: as fast as answers come)'

/** Quantities that devices can report; the rest of an archive (events, valve positions, mass flows) is counted and passed over. */
const SENT: readonly string[] = [
  'index_m3',
  'standard_index_m3',
  'pressure_pa',
  'temperature_k',
  'standard_flow_m3_s',
] satisfies readonly Quantity[]

export const replay: Verb = {
  summary: 'send an archive of telemetry as real CoAP reports of its devices',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      { network: { type: 'string' }, to: { type: 'string' }, speed: { type: 'string', default: '0' } } as const,
      USAGE,
    )
    const [file] = positionals
    if (file === undefined || values.network === undefined || values.to === undefined)
      throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
    const target = URL.canParse(values.to) ? new URL(values.to) : undefined
    if (target?.protocol !== 'coap:')
      throw new UsageError('CLI_USAGE', `--to is "${values.to}", expected coap://HOST:PORT`)
    const speed = numberOption('speed', values.speed, 0, 1e6)
    const deviceOf = devicesByAsset(await readNetworkFile(values.network))
    const sender = await DeviceSender.open(target.hostname, Number(target.port || 5683))
    const counts = { rows: 0, sent: 0, answered: 0, refused: 0, unknown_asset: 0, not_sent: 0 }
    let begin: { at: number; wall: number } | undefined
    for await (const row of telemetryRows(file)) {
      counts.rows++
      const device = deviceOf(row.asset)
      if (device === undefined) counts.unknown_asset++
      else if (!SENT.includes(row.quantity)) counts.not_sent++
      else {
        begin ??= { at: row.at, wall: performance.now() }
        if (speed > 0) await sender.pause(begin.wall + (row.at - begin.at) / speed - performance.now())
        const reading: Reading = { quantity: row.quantity as Quantity, at: row.at, value: row.value }
        const report = {
          ...device,
          trigger: 'timed',
          deviceTime: row.at,
          sequence: -1,
          readings: [reading],
          events: [],
          status: {},
        } as const
        await sender.send(
          encodeReport(CONTENT_FORMAT.CBOR, report, { keyOf: () => undefined, statusProfileOf: () => 'standard' }),
          CONTENT_FORMAT.CBOR,
        )
        counts.sent++
      }
    }
    await sender.close()
    counts.answered = sender.answered
    counts.refused = sender.refused
    console.log(JSON.stringify(counts))
    return counts.answered === counts.sent ? EXIT.ok : EXIT.failed
  },
}

/** Device number and kind by asset id; undefined for what is not in the network or has no device number. */
function devicesByAsset(network: Network) {
  const rtuNumber = (r: number) =>
    Number.isNaN(network.rtus.device[r] ?? Number.NaN) ? undefined : network.rtus.device[r]
  // An export without a network names RTUs by their numbers.
  const rtuNumbers = new Set(network.rtus.device)
  return (asset: string): { readonly device: number; readonly kind: 'meter' | 'rtu' } | undefined => {
    const colon = asset.indexOf(':')
    const id = colon < 0 ? asset : asset.slice(colon + 1)
    const prefix = colon < 0 ? '' : asset.slice(0, colon)
    const rtu = prefix === 'meter' ? undefined : network.rtus.numberOf.get(id)
    if (rtu !== undefined) {
      const device = rtuNumber(rtu)
      return device === undefined ? undefined : { device, kind: 'rtu' }
    }
    if (prefix !== 'meter' && rtuNumbers.has(Number(id))) return { device: Number(id), kind: 'rtu' }
    const meter = network.meters.meterOf(id)
    const device = meter < 0 ? Number.NaN : (network.meters.device[meter] ?? Number.NaN)
    return Number.isNaN(device) ? undefined : { device, kind: 'meter' }
  }
}

interface TelemetryRow {
  readonly at: number
  readonly asset: string
  readonly quantity: string
  readonly value: number
}

/** @throws PeerDataError API_INPUT naming file and line */
async function* telemetryRows(file: string): AsyncGenerator<TelemetryRow> {
  const raw = createReadStream(file)
  const lines = createInterface({
    input: file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw,
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  let number = 0
  for await (const line of lines) {
    number++
    if (number === 1 && line.startsWith('time,')) continue
    if (line === '') continue
    const [time = '', asset = '', quantity = '', value = ''] = line.split(',')
    const at = Date.parse(time)
    if (Number.isNaN(at) || value === '' || (quantity !== 'event' && !Number.isFinite(Number(value))))
      throw new PeerDataError(
        'API_INPUT',
        `${file}:${number}: expected time,asset,quantity,value, found "${line.slice(0, 100)}"`,
      )
    yield { at, asset, quantity, value: Number(value) }
  }
}
