import { CONTENT_FORMAT, type QueuedCommand } from '@gastwin/server/protocol'
import type { DeviceEvent, Network, Reading, Report, Rtu } from '@gastwin/twin'
import { normalHash, unitHash } from '../../seeded-random.ts'
import type { RtuDrift } from '../scenario/scenario-plan.ts'
import type { FieldWork } from './field-work.ts'
import type { GasInWells } from './gas-in-wells.ts'
import { type OrderWord, obeyOrder } from './instrument-orders.ts'
import { confirmableWaits } from './retry-rule.ts'

const MINUTE = 60_000
/** An RTU keeps a day of minutes that the service has not acknowledged. */
const KEPT = 1440
/** Minutes of one report, so that it stays below 200 bytes. */
const BUNDLE = 20
const DAY_MS = 86_400_000
/** Combustible gas from which a detector cries, share of the lower explosive limit. */
const GAS_ALARM_LEL = 0.2
/** A change between two looks that is reported at once, share of the gauge pressure. */
const STRONG_CHANGE = 0.12

interface Sample {
  readonly at: number
  readonly values: readonly Reading[]
}

interface Unit {
  readonly index: number
  readonly rtu: Rtu
  readonly device: number
  readonly node: number
  readonly edge: number
  readonly air: number
  /** Highest pressure that is allowed at its node, Pa; NaN where none is said. */
  readonly mostPa: number
  readonly drift: RtuDrift | undefined
  readonly kept: Sample[]
  sequence: number
  busy: boolean
  /** Wall, Unix ms, before which nothing but an alarm is said: the platform asked for it. Event time may pass faster or slower meanwhile. */
  quietUntil: number
  gaugePa: number
  cried: boolean
  standing: DeviceEvent[]
  /** The last order that it carried out, and what it is still to say about it. */
  obeyed: number
  word: OrderWord | undefined
  /** Volume and time since the last minute mark, for the mean of the minute. */
  passed: number
  span: number
}

/** Instruments on the network: a sample each minute, at once when gas is smelt or the pressure jumps. */
export class Rtus {
  readonly #work: FieldWork
  readonly #seed: number
  readonly #units: Unit[]
  readonly #gas: GasInWells

  constructor(
    work: FieldWork,
    seed: number,
    rtus: readonly Rtu[],
    network: Network,
    air: Float64Array,
    drifts: readonly RtuDrift[],
    gas: GasInWells,
  ) {
    this.#work = work
    this.#seed = seed
    this.#gas = gas
    this.#units = rtus.map((rtu, index) => {
      const edge = network.edges.numberOf.get(rtu.at) ?? -1
      const node = edge >= 0 ? (network.edges.to[edge] ?? -1) : (network.nodes.numberOf.get(rtu.at) ?? -1)
      return {
        index,
        rtu,
        device: Number(rtu.device_number),
        node,
        edge,
        air: air[node] ?? 101_325,
        mostPa: network.nodes.maxPressure[node] ?? Number.NaN,
        drift: drifts.find((d) => d.rtu === rtu.id),
        kept: [],
        sequence: work.firstSequence,
        busy: false,
        quietUntil: 0,
        gaugePa: Number.NaN,
        cried: false,
        standing: [],
        obeyed: -1,
        word: undefined,
        passed: 0,
        span: 0,
      }
    })
  }

  get count(): number {
    return this.#units.length
  }

  /** Reads every instrument for the minutes that ended in a step of the physics. */
  sample(from: number, until: number): void {
    for (const unit of this.#units) {
      const flow = unit.edge < 0 ? 0 : this.#work.physics.standardFlow(unit.edge)
      for (let t = from; t < until; ) {
        const mark = (Math.floor(t / MINUTE) + 1) * MINUTE
        const end = Math.min(mark, until)
        unit.passed += flow * (end - t)
        unit.span += end - t
        t = end
        if (end < mark) break
        unit.kept.push({ at: mark, values: this.#read(unit, mark, unit.passed / unit.span) })
        if (unit.kept.length > KEPT) unit.kept.shift()
        unit.passed = 0
        unit.span = 0
      }
      const urgent = this.#look(unit, until)
      if (urgent.length > 0) this.#cry(unit, Math.floor(until), urgent)
      else if (unit.kept.length > 0) this.#work.plan('rtu', unit.index, until + 200 * (unit.index % 200))
    }
  }

  /** Sends what is kept. */
  speak(index: number): void {
    const unit = this.#units[index]
    if (unit === undefined || unit.busy || Date.now() < unit.quietUntil) return
    if (unit.word !== undefined) this.#tell(unit, unit.word)
    else if (unit.kept.length > 0) this.#report(unit)
  }

  #report(unit: Unit): void {
    const samples = unit.kept.slice(0, BUNDLE)
    this.#send(
      unit,
      'timed',
      samples.flatMap((s) => s.values),
      (accepted) => {
        if (accepted)
          while (unit.kept[0] !== undefined && unit.kept[0].at <= (samples.at(-1)?.at ?? 0)) unit.kept.shift()
      },
    )
  }

  /** What came of an order, with what its instruments show now. */
  #tell(unit: Unit, word: OrderWord): void {
    const { now, physics } = this.#work
    const flow = unit.edge < 0 ? 0 : physics.standardFlow(unit.edge)
    this.#send(unit, word.trigger, this.#read(unit, Math.floor(now), flow), (accepted) => {
      if (accepted && unit.word === word) unit.word = undefined
      this.#work.plan('rtu', unit.index, this.#work.after(1_000))
    })
  }

  /** An order under the same number is obeyed once. */
  #obey(unit: Unit, command: QueuedCommand): void {
    if (unit.obeyed === command.id) return
    unit.obeyed = command.id
    unit.word = obeyOrder(command, unit.device, this.#work, true)
    this.#work.plan('rtu', unit.index, this.#work.now)
  }

  #read(unit: Unit, at: number, flow: number): Reading[] {
    const { rtu, drift, edge, node } = unit
    const { physics, weather } = this.#work
    const days = drift === undefined ? 0 : Math.max(0, (at - drift.from) / DAY_MS)
    const noise = (draw: number): number => normalHash(this.#seed, draw, unit.index, at / MINUTE)
    const readings: Reading[] = []
    if (rtu.channels.includes('pressure')) {
      const bias = 0.0004 * (2 * unitHash(this.#seed, 111, unit.index) - 1) * (rtu.span_pa ?? 10_000)
      const value = (physics.pressure[node] ?? 0) + bias + 0.0003 * (rtu.span_pa ?? 10_000) * noise(112)
      readings.push({ quantity: 'pressure_pa', at, value: Math.round(value + days * (drift?.pressurePaPerDay ?? 0)) })
    }
    if (rtu.channels.includes('flow') && edge >= 0) {
      const gain = 1 + 0.003 * (2 * unitHash(this.#seed, 113, unit.index) - 1) + days * (drift?.flowSharePerDay ?? 0)
      const value = flow * (gain + 0.004 * noise(114))
      readings.push({ quantity: 'standard_flow_m3_s', at, value: Math.round(value * 1e6) / 1e6 })
    }
    if (rtu.channels.includes('temperature'))
      readings.push({
        quantity: 'temperature_k',
        at,
        value: Math.round((weather.ground(at) + 0.3 * noise(115)) * 100) / 100,
      })
    if (rtu.channels.includes('gas'))
      readings.push({
        quantity: 'gas_lel',
        at,
        value: Math.round(Math.max(0, this.#gas.lel(node, at) + 0.004 * noise(116)) * 1e4) / 1e4,
      })
    return readings
  }

  /** What cannot wait. */
  #look(unit: Unit, at: number): DeviceEvent[] {
    const urgent: DeviceEvent[] = []
    const gauge = (this.#work.physics.pressure[unit.node] ?? 0) - unit.air
    const before = unit.gaugePa
    const change = (gauge - before) / Math.max(before, 500)
    if (change < -STRONG_CHANGE) urgent.push('pressure_low')
    // Pressure that comes back after a break is none too high.
    if (change > STRONG_CHANGE && gauge + unit.air > unit.mostPa) urgent.push('pressure_high')
    unit.gaugePa = gauge
    if (!unit.rtu.channels.includes('gas')) return urgent
    const smelt = this.#gas.lel(unit.node, at) >= GAS_ALARM_LEL
    if (smelt && !unit.cried) urgent.push('gas_leak')
    unit.cried = smelt
    unit.standing = smelt ? ['gas_leak'] : []
    return urgent
  }

  #cry(unit: Unit, at: number, events: readonly DeviceEvent[]): void {
    this.#send(
      unit,
      'alarm',
      this.#read(unit, at, unit.edge < 0 ? 0 : this.#work.physics.standardFlow(unit.edge)),
      (accepted) => {
        if (!accepted && events.includes('gas_leak')) unit.cried = false
        if (unit.kept.length > 0) this.#work.plan('rtu', unit.index, this.#work.now)
      },
      events,
    )
  }

  #send(
    unit: Unit,
    trigger: 'timed' | 'alarm' | OrderWord['trigger'],
    readings: readonly Reading[],
    done: (accepted: boolean) => void,
    events: readonly DeviceEvent[] = [],
  ): void {
    const { work } = { work: this.#work }
    unit.sequence += 1
    unit.busy = trigger === 'alarm' ? unit.busy : true
    const { word } = unit
    const report: Report = {
      device: unit.device,
      kind: 'rtu',
      trigger,
      deviceTime: Math.round(work.now),
      sequence: unit.sequence % 65_536,
      readings,
      events: [...new Set([...unit.standing, ...events])],
      status: trigger === word?.trigger ? { command: { id: word.id, accepted: word.accepted } } : {},
    }
    const waits = confirmableWaits(unitHash(this.#seed, 117, unit.index, unit.sequence))
    const path = trigger === 'registration' ? 'reg' : 'r'
    work.link.report(work.socketOf(unit.device), path, CONTENT_FORMAT.CBOR, report, waits, (answer) => {
      if (trigger !== 'alarm') unit.busy = false
      if (answer.kind === 'accepted' && answer.command !== undefined) this.#obey(unit, answer.command)
      done(answer.kind === 'accepted' || answer.kind === 'refused')
      // The next sample brings it back.
      if (answer.kind === 'later') unit.quietUntil = Date.now() + answer.waitMs
    })
  }
}
