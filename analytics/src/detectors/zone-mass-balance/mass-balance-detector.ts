/**
 * Supply of a zone against its own expectation (rule `zone_mass_balance`): gas that flows in and that nobody is expected to use.
 *
 * Expectation: ten-minute profile by kind of day with a slope on heating degrees, learnt from the zone's own past, times what all
 * zones deviate by in common (weather, holidays). The residual is tested at four time scales at once: an abrupt loss shows within
 * minutes, a small one within days. Besides, a jump within minutes is told without any history. A valve operation, missing inlets and the warm-up silence it; while an excess is suspected
 * nothing is learnt. The excess is also looked for on the register side, in the daily supply − sales residual.
 *
 * It is never `certain`, and the day scale is `weak`: a large customer who starts up looks the same from the inlets.
 * @source volume balance with a sequential test, as used for pipelines (API 1130 names the family); our own arithmetic
 */
import type { AppliedReport, ValvePosition } from '@gastwin/twin'
import type { Detection, Detector, Evidence } from '../detection.ts'
import { type DetectorContext, localDay, localHour } from '../detector-context.ts'
import { counts, timeOf } from '../reading-time.ts'
import { InletMinutes } from './inlet-minutes.ts'
import { MASS_BALANCE_SETTINGS, type MassBalanceSettings } from './mass-balance-settings.ts'
import { RegisterBalance } from './register-balance.ts'
import type { ResidualChannel } from './residual-channel.ts'
import { type MinuteOfCity, ZoneWatch } from './zone-watch.ts'

/** What stands told of a zone. */
interface Standing {
  channel: string
  since: number
  excess: number
  limit: number
  /** Told at, Unix ms. */
  at: number
  /** Supply before a jump, m³/s; 0 where the expectation is learnt. */
  base: number
}

export class MassBalanceDetector implements Detector {
  readonly name = 'zone-mass-balance'
  readonly #context: DetectorContext
  readonly #settings: MassBalanceSettings
  readonly #minutes: readonly InletMinutes[]
  readonly #watches: readonly ZoneWatch[]
  readonly #registers: readonly RegisterBalance[]
  /** Inlets of each RTU's row: an edge between two zones is an inlet of one and an outlet of the other. */
  readonly #inletsOf = new Map<number, readonly { readonly zone: number; readonly inlet: number }[]>()
  readonly #standing = new Map<number, Standing>()
  readonly #valves = new Map<number, ValvePosition>()
  #told: Detection[] = []
  #temperature = Number.NaN
  #temperatureAt = Number.NaN
  #minute: MinuteOfCity = { begin: -1, utcOffset: 0, day: 0, hour: 0, kind: 0, kindBefore: 0, degrees: 0 }

  constructor(context: DetectorContext, settings: MassBalanceSettings = MASS_BALANCE_SETTINGS) {
    this.#context = context
    this.#settings = settings
    const { graceMs, holdMs } = settings
    this.#minutes = context.zones.map(
      ({ inlets }) =>
        new InletMinutes(
          inlets.map((inlet) => inlet.sign),
          graceMs,
          holdMs,
        ),
    )
    this.#watches = context.zones.map(() => new ZoneWatch(settings))
    this.#registers = context.zones.map(() => new RegisterBalance())
    for (const [zone, { inlets }] of context.zones.entries()) {
      for (const [inlet, { slot }] of inlets.entries()) {
        if (slot >= 0) this.#inletsOf.set(slot, [...(this.#inletsOf.get(slot) ?? []), { zone, inlet }])
      }
    }
  }

  observe(batch: readonly AppliedReport[], now: number): readonly Detection[] {
    for (const applied of batch) {
      if (!counts(applied)) continue
      if (applied.report.kind === 'valve') this.#operated(applied)
      const inlets = this.#inletsOf.get(applied.slot)
      if (inlets === undefined) continue
      for (const reading of applied.report.readings) {
        if (reading.quantity !== 'standard_flow_m3_s') continue
        const at = timeOf(applied, reading)
        for (const { zone, inlet } of inlets)
          this.#minutes[zone]?.take(inlet, at, reading.value, (begin, supply) => this.#closed(zone, begin, supply))
      }
    }
    return this.#settle(now)
  }

  tick(now: number): readonly Detection[] {
    for (const [zone, minutes] of this.#minutes.entries()) {
      minutes.settle(now, (begin, supply) => this.#closed(zone, begin, supply))
    }
    for (const [zone, register] of this.#registers.entries()) this.#readRegisters(zone, register, now)
    return this.#settle(now)
  }

  /** Tells of a network operation that no valve reported (works by hand): the zone's level is learnt anew from `at`. */
  operated(zone: number, at: number): void {
    this.#watches[zone]?.disturb(at)
  }

  /** Current expectation of a zone, m³/s; undefined while it learns or an inlet is not heard. For display. */
  expectation(zone: number): { readonly expected: number; readonly measured: number } | undefined {
    const watch = this.#watches[zone]
    if (watch === undefined || !watch.ready || Number.isNaN(watch.expected) || Number.isNaN(watch.measured))
      return undefined
    return { expected: watch.expected, measured: watch.measured }
  }

  save(): unknown {
    return {
      minutes: this.#minutes.map((minutes) => minutes.save()),
      watches: this.#watches.map((watch) => watch.save()),
      registers: this.#registers.map((register) => register.save()),
      standing: [...this.#standing],
      valves: [...this.#valves],
      temperature: [this.#temperature, this.#temperatureAt].map((value) => (Number.isNaN(value) ? null : value)),
    }
  }

  load(saved: unknown): void {
    const memory = saved as Saved
    for (const [i, minutes] of this.#minutes.entries())
      if (memory.minutes[i] !== undefined) minutes.load(memory.minutes[i])
    for (const [i, watch] of this.#watches.entries()) if (memory.watches[i] !== undefined) watch.load(memory.watches[i])
    for (const [i, register] of this.#registers.entries())
      if (memory.registers[i] !== undefined) register.load(memory.registers[i])
    this.#standing.clear()
    for (const [zone, standing] of memory.standing) this.#standing.set(zone, standing)
    this.#valves.clear()
    for (const [slot, position] of memory.valves) this.#valves.set(slot, position)
    this.#temperature = memory.temperature[0] ?? Number.NaN
    this.#temperatureAt = memory.temperature[1] ?? Number.NaN
  }

  #operated(applied: AppliedReport): void {
    const position = applied.report.status.valve
    if (position === undefined || position === 'unknown') return
    const before = this.#valves.get(applied.slot)
    this.#valves.set(applied.slot, position)
    if (before === undefined || before === position) return
    this.operated(this.#context.zoneOf(applied.slot), applied.receivedAt)
  }

  #closed(zone: number, begin: number, supply: number): void {
    const watch = this.#watches[zone]
    if (watch === undefined) return
    const standing = this.#standing.get(zone)
    watch.take(this.#minuteOfCity(begin), supply, this.#peers(zone), standing !== undefined)
    if (Number.isNaN(supply)) return
    if (standing === undefined) this.#begin(zone, watch, begin + 60_000)
    else this.#follow(zone, watch, standing, begin + 60_000)
  }

  #minuteOfCity(begin: number): MinuteOfCity {
    if (this.#minute.begin === begin) return this.#minute
    const day = localDay(this.#context, begin)
    const weekday = (((day + 3) % 7) + 7) % 7
    this.#minute = {
      begin,
      utcOffset: this.#context.utcOffsetMs(begin),
      day,
      hour: localHour(this.#context, begin),
      kind: weekday >= 5 ? 1 : 0,
      kindBefore: weekday === 6 || weekday === 0 ? 1 : 0,
      degrees: this.#degrees(begin),
    }
    return this.#minute
  }

  #degrees(at: number): number {
    const outdoor = this.#context.outdoorTemperatureK(at)
    if (outdoor === undefined) return 0
    const passed = at - this.#temperatureAt
    const follow = passed >= 0 ? 1 - Math.exp(-passed / this.#settings.weatherMemoryMs) : Number.NaN
    this.#temperature = Number.isNaN(follow)
      ? Number.isNaN(this.#temperature)
        ? outdoor
        : this.#temperature
      : this.#temperature + follow * (outdoor - this.#temperature)
    this.#temperatureAt = Number.isNaN(this.#temperatureAt) ? at : Math.max(at, this.#temperatureAt)
    return Math.max(0, this.#settings.heatingLimitK - this.#temperature)
  }

  /** Median of what the other zones deviate by: one zone's leak does not move it. 0 when there are too few. */
  #peers(zone: number): number {
    const others: number[] = PEERS
    others.length = 0
    for (const [other, watch] of this.#watches.entries()) if (other !== zone && watch.ready) others.push(watch.common)
    if (others.length < this.#settings.peersLeast - 1) return 0
    others.sort((a, b) => a - b)
    const half = others.length >> 1
    return others.length % 2 === 1 ? (others[half] ?? 0) : ((others[half - 1] ?? 0) + (others[half] ?? 0)) / 2
  }

  #begin(zone: number, watch: ZoneWatch, at: number): void {
    if (watch.jumped) {
      const { base } = watch.jump
      const { share, minutes } = this.#settings.jump
      const standing = {
        channel: 'jump',
        since: at - minutes * 60_000,
        excess: watch.measured - base,
        limit: share * base,
        at,
        base,
      }
      this.#standing.set(zone, standing)
      watch.lasting = standing.excess
      const asset = { kind: 'zone', id: this.#context.zones[zone]?.id ?? '' } as const
      this.#told.push(
        this.#detection(zone, standing, at, true, [
          { code: 'excess_jump', at, asset, value: standing.excess, limit: standing.limit, unit: 'm3/s' },
          { code: 'supply_measured', at, asset, value: watch.measured, unit: 'm3/s' },
          { code: 'supply_before', at, asset, value: base, unit: 'm3/s' },
        ]),
      )
      return
    }
    const caution = this.#context.outdoorTemperatureK(at) === undefined ? this.#settings.blindCaution : 1
    for (const channel of watch.channels) {
      channel.caution = caution
      const least = Math.max(this.#settings.leastFlow, this.#settings.leastShare * watch.typical)
      if (!channel.fires || !(channel.excess > least)) continue
      const standing: Standing = {
        channel: channel.settings.name,
        since: channel.since,
        excess: channel.excess,
        limit: least,
        at,
        base: 0,
      }
      this.#standing.set(zone, standing)
      watch.lasting = channel.excess
      this.#told.push(this.#detection(zone, standing, at, true, this.#evidence(zone, watch, channel, standing, at)))
      return
    }
  }

  /** Ends when the excess, smoothed over the scale at which it was found, is gone; grows when a faster scale finds more. */
  #follow(zone: number, watch: ZoneWatch, standing: Standing, at: number): void {
    const jump = standing.channel === 'jump'
    const firing = watch.channels.find((channel) => channel.fires)
    if (watch.jumped || (standing.channel === 'register' && firing !== undefined)) this.#begin(zone, watch, at)
    if (watch.jumped || standing.channel === 'register') return
    const scale = SMOOTH_MINUTES[standing.channel] ?? 60
    const excess = watch.measured - (jump ? standing.base : watch.expected)
    watch.lasting += (excess - watch.lasting) / scale
    const over = jump && at - standing.at >= this.#settings.jump.holdMs
    if (over || watch.lasting < this.#settings.endShare * standing.excess) {
      this.#standing.delete(zone)
      for (const channel of watch.channels) channel.reset()
      this.#told.push(this.#detection(zone, { ...standing, excess: Math.max(0, watch.lasting) }, at, false, []))
      return
    }
    const faster = jump
      ? firing
      : watch.channels.find((channel) => channel.fires && channel.excess > 1.5 * standing.excess)
    if (faster === undefined || standing.channel === faster.settings.name) return
    standing.channel = faster.settings.name
    standing.excess = faster.excess
    standing.base = 0
    watch.lasting = faster.excess
    this.#told.push(this.#detection(zone, standing, at, true, this.#evidence(zone, watch, faster, standing, at)))
  }

  #readRegisters(zone: number, register: RegisterBalance, now: number): void {
    const id = this.#context.zones[zone]?.id
    if (id === undefined) return
    for (const day of this.#context.zoneDays(id, register.until)) {
      const verdict = register.take(day)
      const standing = this.#standing.get(zone)
      if (verdict === 'excess' && standing === undefined) {
        const told: Standing = {
          channel: 'register',
          since: register.since,
          excess: register.excess,
          limit: register.limit,
          at: now,
          base: 0,
        }
        this.#standing.set(zone, told)
        const asset = { kind: 'zone', id } as const
        const fact: Evidence = {
          code: 'register_residual',
          at: day.to,
          asset,
          value: told.excess,
          limit: told.limit,
          unit: 'm3/s',
        }
        this.#told.push(this.#detection(zone, told, now, true, [fact]))
      } else if (verdict === 'none' && standing?.channel === 'register') {
        this.#standing.delete(zone)
        this.#told.push(this.#detection(zone, standing, now, false, []))
      }
    }
  }

  #evidence(zone: number, watch: ZoneWatch, channel: ResidualChannel, standing: Standing, at: number): Evidence[] {
    const asset = { kind: 'zone', id: this.#context.zones[zone]?.id ?? '' } as const
    const odds = 2 * channel.settings.k * channel.statistic - Math.log(this.#settings.priorOdds)
    return [
      {
        code: `excess_${channel.settings.name}`,
        at,
        asset,
        value: standing.excess,
        limit: standing.limit,
        unit: 'm3/s',
      },
      { code: 'supply_measured', at, asset, value: watch.measured, unit: 'm3/s' },
      { code: 'supply_expected', at, asset, value: watch.expected, unit: 'm3/s' },
      { code: 'confidence', at, asset, value: 1 / (1 + Math.exp(-odds)), unit: '1' },
    ]
  }

  #detection(zone: number, standing: Standing, at: number, active: boolean, evidence: readonly Evidence[]): Detection {
    const id = this.#context.zones[zone]?.id ?? ''
    return {
      rule: 'zone_mass_balance',
      asset: { kind: 'zone', id },
      zone: id,
      at,
      since: standing.since,
      active,
      value: standing.excess,
      limit: standing.limit,
      unit: 'm3/s',
      strength: standing.channel === 'day' || standing.channel === 'register' ? 'weak' : 'strong',
      evidenceKind: 'flow_balance',
      evidence,
    }
  }

  #settle(now: number): readonly Detection[] {
    if (this.#told.length === 0) return NOTHING
    const told = this.#told
    this.#told = []
    return told.map((detection) => (detection.at > now ? { ...detection, at: now } : detection))
  }
}

const NOTHING: readonly Detection[] = []
/** Scratch for the median: asked each minute for each zone. */
const PEERS: number[] = []

/** Minutes over which the standing excess is smoothed, by the scale at which it was found. */
const SMOOTH_MINUTES: Readonly<Record<string, number>> = { jump: 5, minute: 20, five_minutes: 60, hour: 360, day: 2880 }

interface Saved {
  readonly minutes: readonly ReturnType<InletMinutes['save']>[]
  readonly watches: readonly ReturnType<ZoneWatch['save']>[]
  readonly registers: readonly ReturnType<RegisterBalance['save']>[]
  readonly standing: readonly (readonly [number, Standing])[]
  readonly valves: readonly (readonly [number, ValvePosition])[]
  readonly temperature: readonly (number | null)[]
}
