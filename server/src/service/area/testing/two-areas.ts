import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { NetworkDocument, Report } from '@gastwin/twin'
import type { Problem } from '../../../contract/index.ts'
import { Accounts } from '../../../http/auth/accounts.ts'
import { CoapCaller } from '../../../ingest/testing/coap-caller.ts'
import { FIRST_ACTUATOR, FIRST_METER, FIRST_RTU, madeCity } from '../../../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../../../pipeline/testing/service-process.ts'
import { COAP_CODE, CONTENT_FORMAT, encodeReport } from '../../../protocol/index.ts'

const METERS = 4
const WAIT_MS = 60_000
const HOUR_MS = 3_600_000
/** Of the user `dispatcher`, who has the own zone. */
export const PASSWORD = 'correct horse'

/** Names of one of the two zones of the town, which are alike. */
export interface Zone {
  readonly id: string
  readonly pipe: string
  readonly meters: readonly string[]
  /** A meter that comes by a table. */
  readonly point: string
  readonly concentrator: string
  readonly group: string
  readonly premises: string
  readonly customer: string
  readonly pci: number
}
export const zoneOf = (z: number): Zone => ({
  ...{ id: `Z${z + 1}`, pipe: `P${z + 1}-1`, concentrator: String(700_000_000 + z), pci: 11 + z },
  meters: Array.from({ length: METERS }, (_, m) => String(FIRST_METER + z * METERS + m)),
  point: String(FIRST_METER + 900_000 + z),
  ...{ group: `street-${z + 1}`, premises: `H-${z + 1}`, customer: `K-${z + 1}` },
})
export const OWN = zoneOf(0)
export const OTHER = zoneOf(1)

/** Any word by which something of the other zone could be known. */
export const FOREIGN = new RegExp(
  [
    ...['Z2', 'RTU-2', 'P2-\\d', 'V2', 'M2', '[ABC]2', 'N2-\\d', 'street-2', 'H-2', 'K-2', 'CC-2'],
    ...[...OTHER.meters, OTHER.point, OTHER.concentrator, FIRST_RTU + 1, FIRST_ACTUATOR + 1].map(String),
  ]
    .map((word) => `(?<![\\w-])${word}(?![\\w-])`)
    .join('|'),
)

function town(): NetworkDocument {
  const city = madeCity(2, METERS, 2)
  const concentrators = [OWN, OTHER].map(({ id, concentrator, meters }, z) => ({
    ...{ id: `CC-${z + 1}`, device_number: concentrator, zone: id },
    meters: [{ meter: meters.at(-1) ?? '' }],
  }))
  return { ...city, concentrators }
}

/** What is filled into a route. */
export interface Ask {
  /** For the parameters of the route. */
  readonly at?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
}

export type Caller = 'city' | 'second' | 'area' | 'desk' | 'safety' | 'group'

/** A service with two zones that are alike, callers of one of them and of the whole city. */
export class TwoAreas {
  readonly #dir: string
  readonly #keys: Readonly<Record<Caller, string>>
  readonly service: ServiceProcess
  #second = 0

  private constructor(dir: string, keys: Readonly<Record<Caller, string>>, service: ServiceProcess) {
    this.#dir = dir
    this.#keys = keys
    this.service = service
  }

  static async start(): Promise<TwoAreas> {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-areas-'))
    const network = path.join(dir, 'network.json')
    await writeFile(network, JSON.stringify(town()))
    const dataDir = path.join(dir, 'data')
    const accounts = await Accounts.open(dataDir)
    const area = { zones: [OWN.id] }
    const keys = {
      city: await accounts.addApiKey('city', 'admin'),
      second: await accounts.addApiKey('second', 'admin'),
      area: await accounts.addApiKey('area', 'admin', area),
      desk: await accounts.addApiKey('desk', 'dispatcher', area),
      safety: await accounts.addApiKey('safety', 'safety'),
      group: await accounts.addApiKey('group', 'admin', { marks: [`group:${OWN.group}`] }),
    }
    await accounts.setUser('dispatcher', 'dispatcher', PASSWORD, area)
    return new TwoAreas(dir, keys, await spawnService({ network, dataDir }).ready)
  }

  async close(): Promise<void> {
    await this.service.kill()
    await rm(this.#dir, { recursive: true, force: true })
  }

  key(caller: Caller): string {
    return this.#keys[caller]
  }

  async audit(): Promise<readonly Record<string, unknown>[]> {
    const text = await readFile(path.join(this.#dir, 'data', 'audit.ndjson'), 'utf8')
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
  }

  /** @param body an object, or the text of a table */
  ask(caller: Caller, method: string, place: string, body?: unknown): Promise<Response> {
    const isText = typeof body === 'string'
    return fetch(`${this.service.url}${place}`, {
      method,
      headers: {
        'x-api-key': this.key(caller),
        ...(body !== undefined && { 'content-type': isText ? 'text/csv' : 'application/json' }),
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    })
  }

  /** Asks a route of the API, as `get /devices/{number}`; what is not filled in is 1. */
  async asked(caller: Caller, route: string, { at = {}, query, body }: Ask) {
    const [method = '', place = ''] = route.split(' ')
    const filled = place.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? '1'))
    const url = `/api/v1${filled}${query === undefined ? '' : `?${query}`}`
    const answer = await this.ask(caller, method.toUpperCase(), url, body)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const text = Buffer.from(bytes).toString('utf8')
    const code = answer.ok ? '' : ((JSON.parse(text) as Problem).code ?? '')
    return { status: answer.status, code, text, bytes }
  }

  /** What an act of the whole city made. @throws Error when it was refused */
  async made<T>(method: string, place: string, body?: unknown, caller: Caller = 'city'): Promise<T> {
    const answer = await this.ask(caller, method, `/api/v1${place}`, body)
    if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  /** A report of a home with an alarm, heard in the radio cell of its zone. */
  async report({ meters, pci }: Zone, value: number): Promise<void> {
    const from = await CoapCaller.open(this.service.coapPort)
    const at = Math.floor(Date.now() / 1000) * 1000 - HOUR_MS + 1000 * ++this.#second
    const said: Report = {
      ...{ device: Number(meters[0]), kind: 'meter', trigger: 'alarm', deviceTime: at, sequence: this.#second },
      ...{ events: ['dismantled', 'gas_leak'], readings: [{ quantity: 'index_m3', at, value }] },
      status: { valve: 'open', batteryVolt: 3.6, pci, rsrpDbm: -90, sinrDb: 5, ecl: 0 },
    }
    const bytes = encodeReport(CONTENT_FORMAT.CBOR, said, {
      keyOf: () => undefined,
      statusProfileOf: () => 'standard',
    })
    const { code } = await from.post('r', CONTENT_FORMAT.CBOR, bytes)
    from.close()
    if (code !== COAP_CODE.CHANGED) throw new Error(`the report was answered ${code}`)
  }
}

/** Waits until something is so; what it needs may come late on a busy machine. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + WAIT_MS; ; await pause(50)) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error('it did not come')
  }
}
