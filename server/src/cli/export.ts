import { createWriteStream, existsSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '@gastwin/twin'
import { readNetworkFile } from '../config/network-file.ts'
import { keyringFile, openRootKey } from '../identity/keyring.ts'
import { masterKeyFromEnvironment } from '../identity/master-key.ts'
import { decodeDatagramEntry } from '../log/datagram-entry.ts'
import { DATAGRAM_ENTRY } from '../log/event-log.ts'
import { openLogReader } from '../log/log-reader.ts'
import { frameDecoder } from '../store/writer/frame-decoder.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin export --data DIR [--network FILE] [--from ISO] [--to ISO] [--out FILE]   (--network names RTUs by their ids; GASTWIN_MASTER_KEY or GASTWIN_MASTER_KEY_FILE reads encrypted frames)'

export const exportVerb: Verb = {
  summary: 'write the readings of a log as telemetry CSV (time,asset,quantity,value); works while the service runs',
  usage: USAGE,
  run: async (args) => {
    const { values } = readOptions(
      args,
      {
        data: { type: 'string', default: 'data' },
        network: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        out: { type: 'string' },
      } as const,
      USAGE,
    )
    const from = instant('from', values.from, Number.NEGATIVE_INFINITY)
    const to = instant('to', values.to, Number.POSITIVE_INFINITY)
    const logDir = path.join(values.data, 'log')
    if (!existsSync(logDir)) throw new UsageError('CLI_USAGE', `--data is "${values.data}": there is no log in it`)
    const nameOf = await assetNames(values.network)
    const out = values.out === undefined ? process.stdout : createWriteStream(values.out)
    await pipeline(lines(logDir, from, to, nameOf), out, { end: values.out !== undefined })
    return EXIT.ok
  },
}

function instant(name: string, text: string | undefined, absent: number): number {
  if (text === undefined) return absent
  const at = Date.parse(text)
  if (Number.isNaN(at))
    throw new UsageError('CLI_USAGE', `--${name} is "${text}", expected a time such as 2026-11-20T08:00:00+08:00`)
  return at
}

/** Asset id of a device number. A meter's id is its number; what no network names keeps its number too. */
async function assetNames(network: string | undefined): Promise<(device: number) => string> {
  if (network === undefined) return String
  const { rtus } = await readNetworkFile(network)
  const ids = new Map(rtus.ids.map((id, rtu) => [rtus.device[rtu], id]))
  return (device) => ids.get(device) ?? String(device)
}

async function* lines(
  logDir: string,
  from: number,
  to: number,
  nameOf: (device: number) => string,
): AsyncGenerator<string> {
  const decoder = frameDecoder(
    openRootKey(keyringFile(path.dirname(logDir)), masterKeyFromEnvironment(process.env), undefined),
  )
  const reader = openLogReader(logDir)
  yield 'time,asset,quantity,value\n'
  for await (const records of reader.read(0)) {
    let text = ''
    for (const record of records) {
      if (record.kind !== DATAGRAM_ENTRY) {
        decoder.take(record)
        continue
      }
      const said = decoder.decode(decodeDatagramEntry(record.body), record.position)
      const report = said.kind === 'malformed' ? undefined : decoder.atPoint(said, record)
      if (report === undefined) continue
      const asset = nameOf(report.device)
      for (const { at, quantity, value } of report.readings) {
        if (at >= from && at < to) text += `${new Date(at).toISOString()},${asset},${quantity},${value}\n`
      }
    }
    if (text !== '') yield text
  }
}
