import { GOOD_SIGNAL, middle } from './coverage.ts'

/** What is known of how one terminal speaks. NaN and −1: not told. */
export interface TerminalFacts {
  readonly device: number
  readonly zone: string | null
  /** Radio cell. */
  readonly pci: number
  readonly rsrpDbm: number
  readonly sinrDb: number
  /** Coverage level 0 … 2 that it had to choose. */
  readonly ecl: number
  /** Days it should have been heard, and was. */
  readonly daysDue: number
  readonly daysHeard: number
  /** Reports that reached us a day, repeated ones included. */
  readonly reportsPerDay: number
  /** Share of them that we had already: their answers were lost. */
  readonly repeatedShare: number
  /** Minute of the day of its last regular report. */
  readonly minuteOfDay: number
  readonly clockErrorS: number
  readonly batteryLow: boolean
  /** It said that it started anew. */
  readonly reset: boolean
}

export const TERMINAL_FAULTS = ['device', 'radio', 'synchronised_trigger', 'procedure'] as const
export type TerminalFault = (typeof TERMINAL_FAULTS)[number]

/** Something measured that speaks for a fault. */
export interface FaultEvidence {
  readonly code: string
  readonly value: number
  readonly unit: string
}

export interface FaultFinding {
  readonly fault: TerminalFault
  /** One terminal; undefined when it is a whole cell. */
  readonly device: number | undefined
  readonly pci: number
  readonly zone: string | null
  readonly meters: number
  /** 0 … 1 */
  readonly certainty: number
  readonly evidence: readonly FaultEvidence[]
}

export interface FaultSettings {
  /** A terminal is looked at when it lacks such a share of its days. */
  readonly lostShare: number
  /** … or speaks more often a day: once, the alarm of a day, and three repetitions of each are what the rule allows. */
  readonly reportsPerDay: number
  /** … or repeats such a share of what it says. */
  readonly repeatedShare: number
  /** Clock errors a daily correction cannot leave, s. */
  readonly clockErrorS: number
  /** Meters of a cell from which a cell is judged. */
  readonly cellMeters: number
}

export const FAULT_DEFAULTS: FaultSettings = {
  lostShare: 0.1,
  reportsPerDay: 6,
  repeatedShare: 0.25,
  clockErrorS: 600,
  cellMeters: 12,
}

interface Cell {
  readonly terminals: readonly TerminalFacts[]
  readonly rsrpDbm: number
  readonly lost: number
  /** Terminals that report within a minute of the fullest minute. */
  readonly crowd: readonly TerminalFacts[]
  readonly crowdMinute: number
}

/**
 * Why terminals are not heard as they should be, surest first: the terminal itself, the radio where it hangs, many that speak at
 * one moment, or one that does not keep to the rules of speaking. Each finding carries what decided it.
 * @source NB-IoT smart gas meter white paper 2018, §2.1.2 (S0-41); limits of the signal §4.2.1.1
 */
export function findTerminalFaults(
  terminals: readonly TerminalFacts[],
  settings: FaultSettings = FAULT_DEFAULTS,
): FaultFinding[] {
  const cells = cellsOf(terminals)
  const findings: FaultFinding[] = []
  const explained = new Set<number>()
  for (const [pci, cell] of cells) {
    const trigger = synchronisedTrigger(pci, cell, settings)
    if (trigger === undefined) continue
    findings.push(trigger)
    for (const { device } of cell.crowd) explained.add(device)
  }
  for (const one of terminals) {
    if (explained.has(one.device)) continue
    const finding = faultOf(one, cells.get(one.pci), settings)
    if (finding !== undefined) findings.push(finding)
  }
  return findings.sort((a, b) => b.certainty - a.certainty || b.meters - a.meters)
}

function cellsOf(terminals: readonly TerminalFacts[]): Map<number, Cell> {
  const members = new Map<number, TerminalFacts[]>()
  for (const one of terminals) {
    if (one.pci < 0) continue
    const cell = members.get(one.pci)
    if (cell) cell.push(one)
    else members.set(one.pci, [one])
  }
  return new Map([...members].map(([pci, list]) => [pci, { terminals: list, ...summary(list) }]))
}

function summary(list: readonly TerminalFacts[]): Omit<Cell, 'terminals'> {
  const minutes = new Int32Array(1442)
  for (const { minuteOfDay } of list)
    if (minuteOfDay >= 0) minutes[minuteOfDay + 1] = (minutes[minuteOfDay + 1] ?? 0) + 1
  let crowdMinute = 0
  let most = -1
  for (let m = 0; m < 1440; m++) {
    const near = (minutes[m] ?? 0) + (minutes[m + 1] ?? 0) + (minutes[m + 2] ?? 0)
    if (near > most) [most, crowdMinute] = [near, m]
  }
  const signals = list.map(({ rsrpDbm }) => rsrpDbm).filter((value) => !Number.isNaN(value))
  return {
    rsrpDbm: middle(signals),
    lost: mean(list.map(lostOf)),
    crowd: list.filter(({ minuteOfDay }) => minuteOfDay >= 0 && Math.abs(minuteOfDay - crowdMinute) <= 1),
    crowdMinute,
  }
}

/** Many speak within three minutes, and those fare worse than the rest of the same cell, whose signal is the same. */
function synchronisedTrigger(pci: number, cell: Cell, settings: FaultSettings): FaultFinding | undefined {
  const { terminals, crowd, crowdMinute } = cell
  if (crowd.length < settings.cellMeters) return undefined
  const inCrowd = new Set(crowd.map(({ device }) => device))
  const others = terminals.filter(({ device }) => !inCrowd.has(device))
  const trouble = (list: readonly TerminalFacts[]): number =>
    mean(list.map((one) => Math.max(lostOf(one), one.repeatedShare)))
  const [crowded, calm] = [trouble(crowd), others.length > 0 ? trouble(others) : 0]
  // Spread over the night, as the rule wants, three minutes hold this many of them.
  const usual = Math.max(1, (3 / 200) * terminals.length)
  const weak = middle(crowd.map(weaknessOf))
  const certainty = step(crowd.length / usual, 6, 2) * step(crowded - calm, 0.12, 0.04) * (1 - weak)
  if (certainty < 0.5) return undefined
  return {
    fault: 'synchronised_trigger',
    device: undefined,
    pci,
    zone: sharedZone(crowd),
    meters: crowd.length,
    certainty,
    evidence: [
      { code: 'minute_of_day', value: crowdMinute, unit: 'min' },
      { code: 'speak_within_3_min', value: crowd.length, unit: '1' },
      { code: 'usual_within_3_min', value: usual, unit: '1' },
      { code: 'trouble_share', value: crowded, unit: '1' },
      { code: 'trouble_share_of_others', value: calm, unit: '1' },
    ],
  }
}

function faultOf(one: TerminalFacts, cell: Cell | undefined, settings: FaultSettings): FaultFinding | undefined {
  const lost = lostOf(one)
  const talks = one.reportsPerDay > settings.reportsPerDay
  const clock = Math.abs(one.clockErrorS) > settings.clockErrorS
  const inTrouble = lost >= settings.lostShare || one.repeatedShare >= settings.repeatedShare || talks || clock
  if (!inTrouble || one.daysDue === 0) return undefined
  const weak = weaknessOf(one)
  const neighbours = cell !== undefined && cell.terminals.length >= settings.cellMeters ? cell : undefined
  // A good signal down, and yet it had to choose a deep coverage level: what it sends does not arrive.
  const deaf = (1 - weak) * (one.ecl === 2 ? 0.9 : one.ecl === 1 && one.rsrpDbm > -108 ? 0.75 : 0)
  const alone = neighbours === undefined ? 0.55 : step(lost - neighbours.lost, 0.1, 0.03)
  const weights: Readonly<Record<TerminalFault, number>> = {
    radio: weak * (talks ? 0.6 : 1),
    procedure: (1 - weak) * (talks ? step(one.reportsPerDay, settings.reportsPerDay + 1, 1) : 0),
    device:
      (1 - weak) *
      Math.max(deaf, clock ? 0.85 : 0, one.batteryLow ? 0.8 : 0, one.reset ? 0.8 : 0, 0.7 * alone) *
      (talks && !one.reset ? 0.4 : 1),
    synchronised_trigger: 0,
  }
  const fault = TERMINAL_FAULTS.reduce((best, name) => (weights[name] > weights[best] ? name : best), 'device')
  const certainty = weights[fault]
  if (certainty < 0.3) return undefined
  return {
    fault,
    device: one.device,
    pci: one.pci,
    zone: one.zone,
    meters: 1,
    certainty,
    evidence: evidenceOf(one, neighbours),
  }
}

function evidenceOf(one: TerminalFacts, cell: Cell | undefined): FaultEvidence[] {
  const facts: FaultEvidence[] = [
    { code: 'days_lost', value: one.daysDue - one.daysHeard, unit: 'd' },
    { code: 'days_due', value: one.daysDue, unit: 'd' },
    { code: 'rsrp', value: one.rsrpDbm, unit: 'dBm' },
    { code: 'sinr', value: one.sinrDb, unit: 'dB' },
    { code: 'ecl', value: one.ecl, unit: '1' },
    { code: 'reports_per_day', value: one.reportsPerDay, unit: '1/d' },
    { code: 'repeated_share', value: one.repeatedShare, unit: '1' },
    { code: 'clock_error', value: one.clockErrorS, unit: 's' },
  ]
  if (one.batteryLow) facts.push({ code: 'battery_low', value: 1, unit: '1' })
  if (one.reset) facts.push({ code: 'reset', value: 1, unit: '1' })
  if (cell !== undefined) {
    facts.push({ code: 'cell_rsrp', value: cell.rsrpDbm, unit: 'dBm' })
    facts.push({ code: 'cell_lost_share', value: cell.lost, unit: '1' })
  }
  return facts.filter(({ value, code }) => Number.isFinite(value) && !(code === 'ecl' && value < 0))
}

/** How far the signal lies below what a meter needs: 0 good … 1 hopeless, one half at the limit. 0 when it told none. */
function weaknessOf({ rsrpDbm, sinrDb }: TerminalFacts): number {
  const power = Number.isNaN(rsrpDbm) ? 0 : step(GOOD_SIGNAL.rsrpDbm - rsrpDbm, 0, 1.5)
  const noise = Number.isNaN(sinrDb) ? 0 : step(GOOD_SIGNAL.sinrDb - sinrDb, 0, 1)
  return Math.max(power, noise)
}

const lostOf = ({ daysDue, daysHeard }: TerminalFacts): number =>
  daysDue > 0 ? Math.max(0, 1 - daysHeard / daysDue) : 0

/** A soft threshold: 0 far below, one half at `at`, 1 far above. */
const step = (value: number, at: number, width: number): number => 1 / (1 + Math.exp(-(value - at) / width))

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

function sharedZone(list: readonly TerminalFacts[]): string | null {
  const zones = new Set(list.map(({ zone }) => zone))
  return zones.size === 1 ? (list[0]?.zone ?? null) : null
}
