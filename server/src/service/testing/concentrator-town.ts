import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CityCalendar, eventTime, type Medium, type NetworkDocument } from '@gastwin/twin'
import { expect } from 'vitest'
import { ConcentratorUnit, type LineMeter } from '../../../../datasets/src/fleet/concentrator/concentrator-unit.ts'
import { LineBrain } from '../../../../datasets/src/fleet/concentrator/line-brain.ts'
import type { Concentrator, ConcentratorSummary, MissingValue, Page } from '../../contract/index.ts'
import { Accounts } from '../../http/auth/accounts.ts'
import { UdpPeer } from '../../ingest/testing/udp-peer.ts'
import { FIRST_METER, madeCity } from '../../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../../pipeline/testing/service-process.ts'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  decodeAnswer,
  pathOptions,
  uintOption,
} from '../../protocol/index.ts'

export const DAY = 86_400_000
export const NUMBER = 94_000_000_000_001
export const METERS = 16
export const MEDIA = ['gas', 'water', 'heat', 'electricity'] as const satisfies readonly Medium[]
/** Not reached on some days of the past; its own memory has them. */
export const SKIPPED = FIRST_METER
/** Answers no more; the concentrator's memory has what its uplink queue lost. */
export const DEAD = FIRST_METER + 4
/** Its path leads nowhere. */
export const LOST = FIRST_METER + 1
/** Was without power for four days: nobody has them. */
export const HOLED = FIRST_METER + 3
/** Comes to the point of CHANGED later. */
export const FRESH = 181_709_000_001
export const CHANGED = FIRST_METER + 12
const calendar = new CityCalendar('Asia/Shanghai')
export const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }

/** Ten event minutes a second from two in the morning: pauses between tries pass quickly, and no midnight comes by. */
const plan = {
  segments: [{ wall: Date.now(), event: calendar.dayStart(Date.now() - DAY) + 2 * 3_600_000, speed: 600 }],
}
/** Event time of the town, Unix ms. */
export const now = () => Math.round(eventTime(plan, Date.now()))
/** Begin of the day that the plan begins in. */
export const today = calendar.dayStart(now())
const daysBack = (at: number) => Math.round((today - at) / DAY)
const mediumOf = (meter: number): Medium => MEDIA[(meter - FIRST_METER) % 4] ?? 'gas'
/** What the register of a meter shows. */
export const shows = (meter: number, at: number): number => {
  const days = 100 + Math.round(((at - today) / DAY + 40) * 100) / 100
  return mediumOf(meter) === 'gas' || mediumOf(meter) === 'water' ? days : Math.round(days * 100) * 3.6e4
}
const isHole = (meter: number, at: number) => meter === HOLED && daysBack(at) >= 5 && daysBack(at) <= 8

const PASSWORD = Uint8Array.of(2, 0, 0, 0)

function cityWithConcentrator(): NetworkDocument {
  const document = madeCity(1, METERS, 1)
  const meters = document.meters.map((meter) => ({ ...meter, kind: mediumOf(Number(meter.id)) }))
  const behind = meters.map(({ id }) => ({ meter: id, interface: 'lora' as const }))
  return {
    ...document,
    meters,
    concentrators: [{ id: 'C1', device_number: String(NUMBER), zone: 'Z1', uplink: 'cellular', meters: behind }],
  }
}

/** A concentrator that was cut off for a month, its meters behind it with brains of their own. */
function makeUnit(
  document: NetworkDocument,
  brains: Map<number, LineBrain>,
  servicePort: () => number,
): ConcentratorUnit {
  const meters: LineMeter[] = document.meters.map(({ id }) => {
    const number = Number(id)
    const medium = mediumOf(number)
    const protocol = medium === 'electricity' ? 'dlt645' : 'cjt188'
    const register = (at: number) => shows(number, at)
    brains.set(number, new LineBrain({ number, medium, protocol, password: PASSWORD, register, close: () => {} }))
    return {
      number,
      medium: mediumOf(number),
      ask: (at, when) => {
        if (number === DEAD && when - at > 3_600_000) return 'no_answer'
        return isHole(number, at) ? 'not_kept' : shows(number, at)
      },
      obey: (frames, when) => brains.get(number)?.obey(frames, when) ?? 'meter_fault',
      isClosed: () => brains.get(number)?.closed === true,
    }
  })
  const body = { number: FRESH, medium: 'gas', protocol: 'cjt188', password: PASSWORD } as const
  const fresh = new LineBrain({ ...body, register: () => 7.25, close: () => {} })
  const guests: LineMeter[] = [
    { number: FRESH, medium: 'gas', ask: () => 7.25, obey: (frames, when) => fresh.obey(frames, when) },
  ]
  const known = document.meters.map(({ id }) => ({
    number: Number(id),
    protocol: mediumOf(Number(id)) === 'electricity' ? ('dlt645' as const) : ('cjt188' as const),
    interface: 'lora' as const,
    collector: 0,
    quantity: 'index_m3' as const,
    plan: { every: 'day' as const, slots: [0] },
  }))
  return new ConcentratorUnit({
    number: NUMBER,
    meters,
    guests,
    calendar,
    known,
    lost: new Set([LOST]),
    route: (meter) => ({
      collector: 0,
      hops: meter === LOST ? [FIRST_METER + 8, FIRST_METER + 9] : [],
      signalDbm: -95,
    }),
    misses: (meter, due) => meter === SKIPPED && daysBack(due) >= 3 && daysBack(due) <= 9,
    mostWaiting: 12,
    wordEveryMs: 600_000,
    servicePort,
    since: today - 31 * DAY,
  })
}

/** Of the API, by role. */
type Keys = Readonly<Record<'dispatcher' | 'safety', string>>

/** The service, one concentrator that speaks to it when told to, and callers of the API. */
export class ConcentratorTown {
  readonly brains = new Map<number, LineBrain>()
  readonly unit: ConcentratorUnit
  /** At which the concentrator takes orders; 0 while it does not listen. */
  port = 0
  readonly #dir: string
  readonly #keys: Keys
  #service: ServiceProcess | undefined
  #peer: UdpPeer | undefined
  #messageId = 7

  private constructor(dir: string, document: NetworkDocument, keys: Keys) {
    this.#dir = dir
    this.#keys = keys
    this.unit = makeUnit(document, this.brains, () => this.port)
    this.unit.collect(now())
  }

  static async open(): Promise<ConcentratorTown> {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-concentrators-'))
    const document = cityWithConcentrator()
    await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
    const accounts = await Accounts.open(path.join(dir, 'data'))
    const dispatcher = await accounts.addApiKey('test', 'dispatcher')
    const town = new ConcentratorTown(dir, document, {
      dispatcher,
      safety: await accounts.addApiKey('safety', 'safety'),
    })
    await town.#start()
    return town
  }

  get service(): ServiceProcess {
    if (this.#service === undefined) throw new Error('the service was not started')
    return this.#service
  }

  async close(): Promise<void> {
    this.#peer?.close()
    await this.#service?.kill()
    await rm(this.#dir, { recursive: true, force: true })
  }

  /** Ends the service with kill -9; it stands again at another port, where the concentrator speaks to it. */
  async killAndRestart(): Promise<void> {
    await this.service.kill()
    this.#peer?.close()
    await this.#start()
  }

  /** Lets the concentrator speak as long as it has something to say, as a device does: again when nobody answers. */
  async speak(messages = Number.POSITIVE_INFINITY): Promise<number> {
    const peer = this.#peer
    if (peer === undefined) throw new Error('the service was not started')
    for (let sent = 0; sent < messages; sent++) {
      this.unit.collect(now())
      const message = this.unit.next(now())
      if (message === undefined) return sent
      this.#messageId = (this.#messageId + 1) & 0xffff
      peer.sendMessage({
        type: COAP_TYPE.CON,
        code: COAP_CODE.POST,
        messageId: this.#messageId,
        token: Uint8Array.of(this.#messageId & 0xff),
        options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, message.contentFormat)],
        payload: message.payload,
      })
      const bytes = await peer.nextMessage()
      if (bytes.code === COAP_CODE.FORBIDDEN) {
        // Another socket after a restart: it introduces itself.
        message.done(now(), false, [])
        this.unit.introduce(now())
        await pause(30)
        sent -= 1
        continue
      }
      if (bytes.code === COAP_CODE.SERVICE_UNAVAILABLE) {
        message.done(now(), false, [])
        await pause(100)
        continue
      }
      expect(bytes.code).toBe(COAP_CODE.CHANGED)
      const read = bytes.contentFormat === CONTENT_FORMAT.CBOR ? decodeAnswer(60, bytes.payload, lookup) : undefined
      message.done(now(), true, read !== undefined && 'now' in read ? (read.orders ?? []) : [])
    }
    return messages
  }

  /** Asks the API, or posts a body. */
  async call<T>(
    place: string,
    body?: unknown,
    role: 'dispatcher' | 'safety' = 'dispatcher',
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(`${this.service.url}/api/v1${place}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-api-key': this.#keys[role], ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as T }
  }

  async get<T>(place: string): Promise<T> {
    return (await this.call<T>(place)).body
  }

  /** Values that are missing. */
  missing(): Promise<Page<MissingValue>> {
    return this.get('/readings/missing?limit=500')
  }

  /** All that is known, without what the passing of time alone changes: a slow restart takes hours of the plan's clock. */
  async known(): Promise<unknown> {
    const { items } = await this.missing()
    const { state: _, ...one } = await this.get<Concentrator>(`/concentrators/${NUMBER}`)
    return [
      items.map(({ reason, ...item }) => ({ ...item, reason: reason === 'concentrator_silent' ? null : reason })),
      one,
    ]
  }

  async summary(): Promise<ConcentratorSummary | undefined> {
    return (await this.get<{ items: ConcentratorSummary[] }>('/concentrators')).items[0]
  }

  async #start(): Promise<void> {
    this.#service = await spawnService({
      network: path.join(this.#dir, 'network.json'),
      dataDir: path.join(this.#dir, 'data'),
      env: { GASTWIN_CLOCK: JSON.stringify(plan), GASTWIN_METER_AUTHORITY: '0200000000000000' },
    }).ready
    this.#peer = await UdpPeer.open(this.service.coapPort)
  }
}
