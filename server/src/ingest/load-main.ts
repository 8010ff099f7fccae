import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { GasTwinError, UsageError } from '@gastwin/twin'
import { fromHex } from '../protocol/index.ts'
import { encodeLoad, isLoadFormat, type LoadPlan, parsePayloads } from './load-datagrams.ts'
import { sendLoad } from './send-load.ts'

/**
 * A load for the endpoint, from a process of its own:
 * `node load-main.js --port P [--host H] [--count N] [--sockets N] [--window W | --rate R]
 *  [--format 60|65001|65002] [--devices N] [--first-device D | --numbers FILE] [--first-message-id M] [--master-key HEX]
 *  [--start-time MS] [--payloads FILE]`. FILE of `--numbers`: device numbers, one a line.
 * Prints one line of JSON: sent, answered, repeated, lost, seconds, rate, p50, p99, worst (ms), codes. When `--wait` is given
 * it first prints `ready` after encoding, and begins at the first byte on its standard input.
 */
try {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      count: { type: 'string', default: '100000' },
      sockets: { type: 'string', default: '64' },
      window: { type: 'string', default: '4' },
      rate: { type: 'string', default: '0' },
      format: { type: 'string', default: '65002' },
      devices: { type: 'string', default: '20000' },
      'first-device': { type: 'string', default: '181702000000' },
      'master-key': { type: 'string', default: '00112233445566778899AABBCCDDEEFF' },
      'start-time': { type: 'string', default: String(Date.UTC(2026, 0, 15)) },
      payloads: { type: 'string' },
      numbers: { type: 'string' },
      'first-message-id': { type: 'string', default: '0' },
      wait: { type: 'boolean', default: false },
    },
  })
  const contentFormat = whole('format', values.format)
  const masterKey = fromHex(values['master-key'])
  if (!isLoadFormat(contentFormat))
    throw new UsageError('CLI_USAGE', `--format ${contentFormat} is not 60, 65001 or 65002`)
  if (masterKey === undefined) throw new UsageError('CLI_USAGE', '--master-key is not hexadecimal')
  const sockets = whole('sockets', values.sockets)
  const plan: LoadPlan = {
    count: whole('count', values.count),
    sockets,
    contentFormat,
    devices: whole('devices', values.devices),
    firstDevice: whole('first-device', values['first-device']),
    masterKey,
    startTime: whole('start-time', values['start-time']),
    firstMessageId: whole('first-message-id', values['first-message-id'], 0),
    ...(values.numbers === undefined ? {} : { numbers: numbersOf(await readFile(values.numbers, 'utf8')) }),
    ...(values.payloads === undefined ? {} : { payloads: parsePayloads(await readFile(values.payloads, 'utf8')) }),
  }
  const datagrams = encodeLoad(plan)
  if (values.wait) {
    process.stdout.write('ready\n')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.pause()
  }
  const result = await sendLoad(datagrams, {
    host: values.host,
    port: whole('port', values.port ?? ''),
    sockets,
    window: whole('window', values.window),
    rate: whole('rate', values.rate, 0),
  })
  process.stdout.write(`${JSON.stringify(result)}\n`)
} catch (error) {
  const code = error instanceof GasTwinError ? error.code : 'CLI_USAGE'
  process.stderr.write(`${code} ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}

function numbersOf(text: string): number[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => whole('numbers', line.trim()))
}

function whole(name: string, text: string, least = 1): number {
  const value = Number(text)
  if (text === '' || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError('CLI_USAGE', `--${name} must be a whole number of at least ${least}`)
  }
  return value
}
