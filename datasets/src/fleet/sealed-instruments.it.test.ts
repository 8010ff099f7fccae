import type {
  Alarm,
  CommandRecord,
  DeviceOrder,
  IsolationPlan,
  SecurityReport,
  Shutoff,
} from '@gastwin/server/contract'
import { COAP_CODE, CONTENT_FORMAT, encodeReport, encodeValveRequest } from '@gastwin/server/protocol'
import type { Report } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shout } from '../../../server/src/ingest/testing/shout.ts'
import { until } from '../../../server/src/pipeline/testing/until.ts'
import { buildCity } from '../city/write-city.ts'
import { ServedFleet } from './testing/served-fleet.ts'

const { network: document, truth } = buildCity({ meters: 120, seed: 11 })
const remote = document.valves.filter((valve) => valve.actuator === 'remote')
const VALVES = remote.map((valve) => Number(valve.device_number))
const RTUS = document.rtus.map((rtu) => Number(rtu.device_number))
/** The last valve is an older one: it has no certificate, and obeys whoever knows its number. */
const [OLD = 0] = VALVES.slice(-1)
const SEALED = VALVES.slice(0, -1)
const BEGIN = Date.parse('2026-01-15T18:00:00+08:00')

let served: ServedFleet

beforeAll(async () => {
  served = await ServedFleet.open({
    ...{ name: 'sealed-instruments', document, truth, begin: BEGIN, speed: 60, leadMs: 5_000 },
    certified: [...SEALED, ...RTUS],
    fleet: { scenario: 'calm', seed: 5, loss: 0.01 },
  })
})
afterAll(() => served.close())

/** The platform has a session a moment before the device knows. */
const contactsReach = (count: number) =>
  until(
    () => served.fleet.stats()['contacts'] ?? 0,
    (made) => made >= count,
  )
const posture = () => served.api.call<SecurityReport>('/security/report')
const alarms = () => served.api.items<Alarm>('/alarms')

const order = (device: number, operation: 'select' | 'close') =>
  shout(
    served.fleet.valves.listensAt(device),
    'v',
    CONTENT_FORMAT.CBOR,
    encodeValveRequest({ operation, device, commandId: 4_711 }),
  )
const report = (part: Pick<Report, 'device' | 'kind' | 'trigger' | 'events' | 'status'>) => {
  const words = encodeReport(
    CONTENT_FORMAT.CBOR,
    { ...part, deviceTime: served.now(), sequence: 60_000, readings: [] },
    served.fleet.link.lookup,
  )
  return shout(served.service.coapPort, 'r', CONTENT_FORMAT.CBOR, words)
}

describe('RTUs and remote valves with certificates', () => {
  test('make a first contact and are heard under its seal; the security report says which is not', async () => {
    const good = (found: SecurityReport) =>
      found.rtus.session === RTUS.length && found.actuators.sealed === SEALED.length
    const found = await until(posture, good)
    expect(found.actuators).toEqual({ sealed: SEALED.length, clear: 1, nothing: 0 })
    expect(found.findings.find(({ code }) => code === 'actuators_in_clear')).toMatchObject({ value: 1 })
    await contactsReach(RTUS.length + SEALED.length)
  }, 240_000)

  test('a close that anybody forges at their ports is not obeyed; at the older one it would be', async () => {
    const before = served.fleet.stats()['orders_refused'] ?? 0
    for (const device of SEALED)
      for (const step of ['select', 'close'] as const) expect(await order(device, step)).toBe(COAP_CODE.UNAUTHORIZED)
    // One that is not answered in time is said again.
    expect(served.fleet.stats()['orders_refused']).toBeGreaterThanOrEqual(before + 2 * SEALED.length)
    expect(await order(OLD, 'select')).toBe(COAP_CODE.CHANGED)
    expect(served.fleet.stats()['valves_closed']).toBe(0)
  }, 240_000)

  test('a gas alarm and an address that anybody forges in their names move nothing, and people hear of it', async () => {
    const [rtu = 0] = RTUS
    const [valve = 0] = SEALED
    const forgery = { kind: 'rtu', trigger: 'alarm', events: ['gas_leak'], status: {} } as const
    expect(await report({ ...forgery, device: rtu })).toBe(COAP_CODE.FORBIDDEN)
    const moved = { kind: 'valve', trigger: 'registration', events: [], status: { servicePort: 9 } } as const
    expect(await report({ ...moved, device: valve })).toBe(COAP_CODE.FORBIDDEN)
    const raised = await until(alarms, (found) => found.some(({ rule }) => rule === 'unverified_alarm'))
    expect(raised.filter(({ rule }) => rule === 'gas_detected')).toEqual([])
    expect(await served.api.items<Shutoff>('/shutoffs')).toEqual([])
  }, 240_000)

  test('take other orders under the seal, proved by what they say next: a reading, a registration, another session', async () => {
    const [, rtu = 0] = RTUS
    const [, valve = 0] = SEALED
    const contacts = served.fleet.stats()['contacts'] ?? 0
    const give = async (device: number, order: DeviceOrder) =>
      (await served.api.call<CommandRecord>('/commands/orders', { device: String(device), order, reason: 'a test' })).id
    const given = [
      await give(rtu, { kind: 'read' }),
      await give(rtu, { kind: 'restart' }),
      await give(rtu, { kind: 'renew_key' }),
      await give(rtu, { kind: 'clock' }),
      await give(valve, { kind: 'restart' }),
      await give(valve, { kind: 'renew_key' }),
    ]
    const states = async () => {
      const items = await served.api.items<CommandRecord>('/commands?limit=1000')
      return given.map((id) => items.find((one) => one.id === id)?.state)
    }
    // The valve speaks once an hour.
    await until(states, (found) => found.every((state) => state === 'confirmed'), 300)
    await contactsReach(contacts + 4)
    await expect(give(valve, { kind: 'read' })).rejects.toThrow(/a remote valve takes no order of this kind/)
    await expect(give(rtu, { kind: 'log', days: 3 })).rejects.toThrow(/an RTU takes no order of this kind/)
    expect(served.fleet.stats()['valves_closed']).toBe(0)
  }, 360_000)

  test('are closed under the seal after kill -9 of the service, and though all lost power and session', async () => {
    const contacts = served.fleet.stats()['contacts'] ?? 0
    await served.killAndStart()
    expect((await posture()).actuators.sealed).toBe(SEALED.length)
    let found: IsolationPlan | undefined
    for (const { id } of document.pipes) {
      const seen = await served.api.call<IsolationPlan>(`/isolation?edge=${id}`)
      const devices = seen.close.map(({ valve }) => Number(remote.find((one) => one.id === valve)?.device_number))
      const isFit = seen.feasible && devices.length > 0 && devices.every((device) => SEALED.includes(device))
      if (isFit) found = seen
      if (isFit) break
    }
    if (found === undefined) throw new Error('no pipe that remote valves can cut off')
    served.fleet.valves.losePower()
    const body = { edge: found.edge, plan_hash: found.hash, reason: 'a test of sealed orders' }
    const { id } = await served.api.call<Shutoff>('/shutoffs', body)
    await served.second.call(`/shutoffs/${id}/approve`, {})
    const shutoff = await until(
      async () => (await served.api.items<Shutoff>('/shutoffs')).find((one) => one.id === id),
      (one) => one !== undefined && ['isolated', 'failed', 'aborted'].includes(one.state),
      180,
    )
    expect([shutoff?.state, shutoff?.ending]).toEqual(['isolated', null])
    expect(served.fleet.stats()['valves_closed']).toBe(found.close.length)
    await contactsReach(contacts + found.close.length)
  }, 240_000)
})
