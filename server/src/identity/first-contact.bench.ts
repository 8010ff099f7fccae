/**
 * First contacts a second over the socket, and what each costs; then the same while somebody floods, and what a flood of datagrams
 * from an isolated source costs us and its sender.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Accounts } from '../http/auth/accounts.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { readMetrics, type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import { CONTENT_FORMAT, encodeReport } from '../protocol/index.ts'
import { type DeviceMaking, makeContact } from './testing/contacting-device.ts'
import { TestAuthority } from './testing/demo-authority.ts'

interface ContactBenchOptions {
  readonly json: boolean
  /** Devices that make their first contact; default 180: above 200 the budget of one address is what is measured. */
  readonly devices?: string
  /** Datagrams of the flood; default 200 000. */
  readonly flood?: string
}

const AT_ONCE = 16

export async function run(options: ContactBenchOptions): Promise<Record<string, number>> {
  const count = Number(options.devices ?? 180)
  const flood = Number(options.flood ?? 200_000)
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-contacts-'))
  const authority = new TestAuthority(dir, Buffer.from(TEST_MASTER_KEY, 'hex'))
  const makings = authority.makeAll(Array.from({ length: count }, (_, i) => FIRST_METER + i))
  const network = await writeMadeCity(dir, 1, count + 1)
  const dataDir = path.join(dir, 'data')
  const key = await (await Accounts.open(dataDir)).addApiKey('bench', 'admin')
  const service = await spawnService({ network, dataDir, env: authority.environment }).ready
  try {
    const contacts = await meetAll(service, makings)
    const isolated = await floodFrom(service, key, FIRST_METER + count, flood)
    return { ...contacts, ...isolated, load_average: Math.round(10 * (os.loadavg()[0] ?? 0)) / 10 }
  } finally {
    await service.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

const cpuSeconds = async (service: ServiceProcess): Promise<number> =>
  (await readMetrics(service)).get('gastwin_process_cpu_seconds_total') ?? Number.NaN

/** Devices check the platform and sign in this process: the time of the whole is shared with the service. */
async function meetAll(service: ServiceProcess, makings: readonly DeviceMaking[]): Promise<Record<string, number>> {
  const waiting = [...makings]
  const before = await cpuSeconds(service)
  const ownBefore = process.cpuUsage()
  const begun = performance.now()
  let made = 0
  const worker = async (): Promise<void> => {
    for (let making = waiting.pop(); making !== undefined; making = waiting.pop()) {
      const caller = await CoapCaller.open(service.coapPort)
      const got = await makeContact(making, (format, payload) => caller.post('reg', format, payload))
      if (typeof got !== 'number') made += 1
      caller.close()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const seconds = (performance.now() - begun) / 1000
  const own = process.cpuUsage(ownBefore)
  const cpu = (await cpuSeconds(service)) - before
  return {
    contacts_per_s: made / seconds,
    contacts_made: made,
    service_cpu_ms_a_contact: (1000 * cpu) / made,
    service_contacts_per_cpu_s: made / cpu,
    devices_cpu_ms_a_contact: (own.user + own.system) / 1000 / made,
  }
}

/** A source that is forced offline sends as fast as it can. */
async function floodFrom(
  service: ServiceProcess,
  key: string,
  device: number,
  count: number,
): Promise<Record<string, number>> {
  const main = fileURLToPath(new URL('../ingest/testing/flood-main.mjs', import.meta.url))
  const payload = encodeReport(
    CONTENT_FORMAT.CJT188,
    {
      ...{ device, kind: 'meter', trigger: 'timed', deviceTime: Date.now() - 60_000, sequence: 1, events: [] },
      ...{ readings: [{ quantity: 'index_m3', at: Date.now() - 60_000, value: 1 }], status: { valve: 'open' } },
    },
    { keyOf: () => undefined, statusProfileOf: () => 'standard' },
  )
  const child = spawn(
    process.execPath,
    [main, String(service.coapPort), Buffer.from(payload).toString('hex'), String(count)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  )
  const message = async (): Promise<Record<string, number>> =>
    ((await once(child, 'message')) as [Record<string, number>])[0]
  const { port } = await message()
  const step = { step: 'offline', from: `127.0.0.1:${port}`, reason: 'bench' }
  const answer = await fetch(`${service.url}/api/v1/devices/${device}/hostile`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(step),
  })
  if (!answer.ok) throw new Error(`the source could not be forced offline: ${answer.status}`)
  const before = await cpuSeconds(service)
  const heardBefore = (await readMetrics(service)).get('gastwin_ingest{what="datagrams"}') ?? 0
  const done = message()
  child.send('go')
  const sent = await done
  const heard = ((await readMetrics(service)).get('gastwin_ingest{what="datagrams"}') ?? 0) - heardBefore
  const cpu = (await cpuSeconds(service)) - before
  if (child.connected) child.disconnect()
  return {
    flood_sent: count,
    flood_heard: heard,
    flood_per_s: count / (sent['seconds'] ?? Number.NaN),
    flood_our_cpu_us: (1e6 * cpu) / heard,
    flood_their_cpu_us: (1e6 * (sent['cpu'] ?? Number.NaN)) / count,
  }
}
