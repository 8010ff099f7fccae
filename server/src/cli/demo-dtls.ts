import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { NetworkDocument } from '@gastwin/twin'

/** Of one maker's meters in a demo, so many speak DTLS at most: each emulated one has a socket of its own. */
const MOST = 60
const KEY_BYTES = 16

/**
 * The file of DTLS keys of a demo: meters of the maker that comes first in the network speak DTLS, and are believed over it only.
 * @param dataDir of the demo
 */
export async function demoDtlsKeys(dataDir: string, network: string): Promise<string> {
  const folder = path.resolve(dataDir, 'trust')
  const file = path.join(folder, 'dtls-keys')
  if (existsSync(file)) return file
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { meters, concentrators } = JSON.parse(await readFile(network, 'utf8')) as NetworkDocument
  const behind = new Set(concentrators?.flatMap((concentrator) => concentrator.meters.map(({ meter }) => meter)))
  const homes = meters.filter((m) => m.class === 'residential' && m.read_schedule !== '5min' && !behind.has(m.id))
  const maker = homes.find((m) => m.profile != null)?.profile
  const lines = homes
    .filter((m) => maker !== undefined && m.profile === maker)
    .slice(0, MOST)
    .map(({ id }) => `${id},${randomBytes(KEY_BYTES).toString('hex')},,only`)
  await writeFile(file, `${['# made for this demo', ...lines].join('\n')}\n`, { mode: 0o600 })
  return file
}
