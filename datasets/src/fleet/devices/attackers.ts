import { CONTENT_FORMAT, type DeviceLookup, encodeReport } from '@gastwin/server/protocol'
import type { Report } from '@gastwin/twin'
import type { CoapClientPool } from '../radio/coap-client-pool.ts'
import type { Attack } from '../scenario/scenario-plan.ts'
import type { FieldWork } from './field-work.ts'

/** Nobody's key: what attackers write themselves is plain. */
const PLAIN: DeviceLookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' }
const ONE_TRY = [2_000] as const
const HEARD = 24
/** A flood's datagrams of one turn, and the turns of it. */
const FLOOD = { datagrams: 300, everyMs: 100, turns: 200 } as const

/** A payload that was heard in the air. */
interface Heard {
  readonly contentFormat: number
  readonly payload: Uint8Array
}

/** Those who speak in other meters' names, each from a socket of its own. */
export class Attackers {
  readonly counts = { sent: 0, accepted: 0, refused: 0 }
  readonly #work: FieldWork
  readonly #pool: CoapClientPool
  readonly #attacks: readonly Attack[]
  readonly #sockets: number[] = []
  readonly #heard = new Map<number, Heard[]>()
  #sequence = 40_000
  #stopped = false

  /** @param pool their own: what they send must not stand in the way of meters */
  constructor(work: FieldWork, pool: CoapClientPool, attacks: readonly Attack[]) {
    this.#work = work
    this.#pool = pool
    this.#attacks = attacks
    for (const { kind, device } of attacks) if (kind === 'replay') this.#heard.set(device, [])
  }

  /** `address:port` of each, as the service sees it on one machine. */
  get sources(): readonly string[] {
    return this.#sockets.map((socket) => `127.0.0.1:${this.#pool.portOf(socket)}`)
  }

  /** Opens a socket for each; they are not among those of the meters. */
  async open(): Promise<void> {
    for (const _ of this.#attacks) this.#sockets.push(await this.#pool.openOne())
  }

  start(): void {
    for (const [i, { from }] of this.#attacks.entries()) this.#work.plan('attack', i, from)
  }

  /** What a meter sends can be heard by others. */
  listen(device: number, contentFormat: number, payload: Uint8Array): void {
    const heard = this.#heard.get(device)
    if (heard !== undefined && heard.length < HEARD) heard.push({ contentFormat, payload })
  }

  tick(wall: number): void {
    this.#pool.tick(wall)
  }

  async close(): Promise<void> {
    this.#stopped = true
    await this.#pool.close()
  }

  /** The next blow of an attack. */
  strike(number: number): void {
    const attack = this.#attacks[number]
    if (attack === undefined || this.#work.now >= attack.until) return
    if (attack.kind === 'clone') this.#send(number, CONTENT_FORMAT.CJT188, this.#forged(attack))
    else if (attack.kind === 'replay')
      for (const { contentFormat, payload } of this.#heard.get(attack.device) ?? [])
        this.#send(number, contentFormat, payload)
    else this.#flood(number, attack, 0)
    if (attack.kind !== 'flood') this.#work.plan('attack', number, this.#work.now + attack.everyMs)
  }

  #flood(number: number, attack: Attack, turn: number): void {
    for (let i = 0; i < FLOOD.datagrams; i++) this.#send(number, CONTENT_FORMAT.CJT188, this.#forged(attack))
    if (turn < FLOOD.turns && !this.#stopped)
      setTimeout(() => this.#flood(number, attack, turn + 1), FLOOD.everyMs).unref()
  }

  /** A register that never moved far: somebody wants a small bill. */
  #forged({ device }: Attack): Uint8Array {
    const at = Math.floor(this.#work.now / 1000) * 1000
    const report: Report = {
      ...{ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence: ++this.#sequence % 65_536, events: [] },
      ...{ readings: [{ quantity: 'index_m3', at, value: 1 }], status: { valve: 'open', pci: 501 } },
    }
    return encodeReport(CONTENT_FORMAT.CJT188, report, PLAIN)
  }

  #send(number: number, contentFormat: number, payload: Uint8Array): void {
    const socket = this.#sockets[number] ?? 0
    this.counts.sent += 1
    this.#pool.send({
      ...{ socket, path: 'r', contentFormat, payload, waits: ONE_TRY },
      done: (outcome) => {
        if (outcome.kind !== 'answered') return
        this.counts[outcome.code >> 5 === 2 ? 'accepted' : 'refused'] += 1
      },
    })
  }
}
