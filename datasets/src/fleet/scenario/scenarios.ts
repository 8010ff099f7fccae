import type { LonLat, Meter, NetworkDocument, Pipe } from '@gastwin/twin'
import { SeededRandom } from '../../seeded-random.ts'
import type { Tampering } from '../metering/tampering.ts'
import { UnmeteredTap } from '../metering/unmetered-tap.ts'
import type { Leak } from '../physics/leak.ts'
import { radioPlace } from '../radio/signal.ts'
import { chooseMeters, chooseStreetMain, chooseWatchedTrunk } from './choose-victims.ts'
import { combine, type ScenarioPlan, type TruthEvent } from './scenario-plan.ts'
import { trunkSection } from './trunk-section.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const M3_S = 1 / 3600

export interface Stage {
  readonly document: NetworkDocument
  readonly seed: number
  /** First instant of the clock plan, Unix ms. */
  readonly start: number
  /** Begin of the plan's last segment: where a demo's warm-up ends and people begin to look. */
  readonly live: number
}

export interface Scenario {
  readonly name: string
  readonly description: string
  readonly plan: (stage: Stage) => ScenarioPlan
}

/** Every scenario of the fleet. Times count from the begin of the clock plan's last segment, lasting states from its very begin. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'calm',
    description: 'nothing is wrong beyond worn meters, lost datagrams and a few dead batteries',
    plan: () => combine(),
  },
  {
    name: 'day',
    description:
      'the default mix: some thefts, small flows and stopped meters from the start; after 2 h a trunk breaks beside a valve well whose detector smells it; a crew mends it 4 h later and opens the valves on site 30 min after that',
    plan: (s) => combine(theft(s, 0.0022), smallFlows(s, 10), stopped(s, 8), wrongSize(s, 1), trunkBreak(s)),
  },
  {
    name: 'leak-growing',
    description: 'a low-pressure main corrodes through: from 1 h on a hole grows for 12 h to 14 mm',
    plan: (s) => streetLeak(s, 12 * HOUR, 0.014),
  },
  {
    name: 'leak-abrupt',
    description: 'after 1 h a joint of a low-pressure main opens at once: 24 mm',
    plan: (s) => streetLeak(s, 0, 0.024),
  },
  {
    name: 'rupture',
    description: 'after 1 h an excavator tears a 50 mm hole into a medium-pressure trunk',
    plan: rupture,
  },
  {
    name: 'theft',
    description: 'one meter in a hundred is cheated: bypass, hours, magnet, fading; and two secret branches',
    plan: (s) => combine(theft(s, 0.01)),
  },
  {
    name: 'small-flow',
    description: 'from 1 h on thirty homes leave a little gas flowing without end',
    plan: (s) => smallFlows(s, 30),
  },
  {
    name: 'stopped-meter',
    description: 'from 1 h on twenty-five meters pass gas and do not count',
    plan: (s) => stopped(s, 25),
  },
  {
    name: 'wrong-size',
    description: 'three large customers use a twentieth of what their meters were chosen for',
    plan: (s) => wrongSize(s, 3),
  },
  {
    name: 'rtu-drift',
    description: 'the flow reading of one district inlet and a pressure transmitter drift away',
    plan: rtuDrift,
  },
  {
    name: 'cell-offline',
    description: 'after 1 h the radio cell with the most meters is silent for 30 h',
    plan: cellOffline,
  },
]

function dice(stage: Stage, draw: number): SeededRandom {
  return new SeededRandom(stage.seed, 81, draw)
}

function aboutMeter(m: Meter | undefined): Partial<TruthEvent> {
  return { asset: m?.id ?? '', zone: m?.zone ?? '', lon: m?.lon ?? 0, lat: m?.lat ?? 0 }
}

const isHome = (m: Meter): boolean => m.class === 'residential' && m.zone !== 'MP'

function theft(s: Stage, share: number): Partial<ScenarioPlan> {
  const random = dice(s, 1)
  const homes = chooseMeters(s.document, random, Math.max(4, Math.round(share * s.document.meters.length)), isHome)
  const shops = chooseMeters(
    s.document,
    random,
    Math.max(1, Math.round(homes.length / 12)),
    (m) => m.class === 'commercial' && m.protected == null,
  )
  const tampering = new Map<number, Tampering>()
  const truth: TruthEvent[] = []
  for (const [i, row] of [...homes, ...shops].entries()) {
    const from = i % 3 === 0 ? s.live + random.between(0, 4) * HOUR : s.start
    const share_ = Math.round(random.between(0.15, 0.6) * 100) / 100
    const forms: readonly Tampering[] = [
      { kind: 'bypass', from, share: share_ },
      { kind: 'hours', from, share: 0.1, begin: 17, end: 7 },
      { kind: 'fading', from, share: 0.2, perDay: 0.04 },
      { kind: 'magnet', from, share: 0, daysOfSeven: 4 },
    ]
    const form = forms[i % forms.length]
    if (form === undefined) continue
    tampering.set(row, form)
    truth.push({ ...form, at: from, event: 'theft', form: form.kind, ...aboutMeter(s.document.meters[row]) })
  }
  const taps = chooseMeters(s.document, random, share >= 0.01 ? 2 : 1, (m) => m.class === 'commercial').map((row) => {
    const meter = s.document.meters[row]
    const flow = random.between(3, 7) * M3_S
    truth.push({
      at: s.start,
      event: 'theft',
      form: 'secret_branch',
      flow_m3_s: flow,
      node: meter?.node,
      ...aboutMeter(meter),
    })
    const node = s.document.nodes.findIndex((n) => n.id === meter?.node)
    return new UnmeteredTap(node, s.start, flow, 9, 22)
  })
  return { tampering, taps, truth }
}

function smallFlows(s: Stage, count: number): ScenarioPlan {
  const random = dice(s, 2)
  const steady = new Map<number, { from: number; flow: number }>()
  const truth = chooseMeters(s.document, random, count, isHome).map((row, i) => {
    const from = i % 2 === 0 ? s.start : s.live + HOUR
    const flow = random.between(0.02, 0.07) * M3_S
    steady.set(row, { from, flow })
    return { at: from, event: 'small_flow', flow_m3_s: flow, ...aboutMeter(s.document.meters[row]) }
  })
  return combine({ steady, truth })
}

function stopped(s: Stage, count: number): ScenarioPlan {
  const tampering = new Map<number, Tampering>()
  const truth = chooseMeters(s.document, dice(s, 3), count, (m) => isHome(m) && (m.installed_year ?? 2026) < 2022).map(
    (row, i) => {
      const from = i % 2 === 0 ? s.start : s.live + HOUR
      tampering.set(row, { kind: 'stopped', from, share: 0 })
      return { at: from, event: 'stopped_meter', ...aboutMeter(s.document.meters[row]) }
    },
  )
  return combine({ tampering, truth })
}

function wrongSize(s: Stage, count: number): ScenarioPlan {
  const shrunk = new Map<number, number>()
  const large = (m: Meter): boolean => m.corrector === true && ['G65', 'G100', 'G160', 'G250'].includes(m.size ?? '')
  const truth = chooseMeters(s.document, dice(s, 4), count, large).map((row) => {
    shrunk.set(row, 0.05)
    return {
      at: s.start,
      event: 'wrong_size',
      factor: 0.05,
      size: s.document.meters[row]?.size,
      ...aboutMeter(s.document.meters[row]),
    }
  })
  return combine({ shrunk, truth })
}

function place(document: NetworkDocument, pipe: Pipe, share: number): LonLat {
  const [a, b] = [pipe.from, pipe.to].map((id) => document.nodes.find((n) => n.id === id))
  const mix = (p?: number | null, q?: number | null): number => (p ?? 0) + share * ((q ?? 0) - (p ?? 0))
  return [mix(a?.lon, b?.lon), mix(a?.lat, b?.lat)]
}

function leakOf(s: Stage, leak: Leak, pipe: Pipe, more: Readonly<Record<string, unknown>> = {}): ScenarioPlan {
  const [lon, lat] = place(s.document, pipe, leak.share)
  const about = { asset: pipe.id, zone: pipe.zone ?? '', lon, lat, kind: leak.kind }
  const begin: TruthEvent = {
    at: leak.from,
    event: 'leak_begin',
    share: leak.share,
    area_m2: leak.fullArea,
    grows_ms: leak.growsMs,
    ...about,
    ...more,
  }
  const mended: readonly TruthEvent[] = Number.isFinite(leak.mendedAt)
    ? [{ at: leak.mendedAt, event: 'leak_mended', ...about }]
    : []
  return combine({ leaks: [leak], truth: [begin, ...mended] })
}

const bore = (diameter: number): number => (Math.PI / 4) * diameter * diameter

function streetLeak(s: Stage, growsMs: number, diameter: number): ScenarioPlan {
  const random = dice(s, 5)
  const pipe = chooseStreetMain(s.document, random)
  const share = Math.round(random.between(0.2, 0.8) * 100) / 100
  return leakOf(
    s,
    { kind: 'leak', pipe: pipe.id, share, from: s.live + HOUR, growsMs, fullArea: bore(diameter), mendedAt: Infinity },
    pipe,
  )
}

/** The hole lies near the valve well, where its detector will smell it. */
function shareNearWell(s: Stage, pipe: Pipe): number {
  const wells = new Set(s.document.rtus.filter((r) => r.channels.includes('gas')).map((r) => r.at))
  const near = Math.min(0.5, 12 / pipe.length_m)
  return wells.has(pipe.from) ? near : 1 - near
}

function trunkBreak(s: Stage): ScenarioPlan {
  const pipe = chooseWatchedTrunk(s.document, dice(s, 6))
  const from = s.live + 2 * HOUR
  const mendedAt = from + 4 * HOUR
  const section = trunkSection(s.document, pipe)
  const leak: Leak = {
    kind: 'leak',
    pipe: pipe.id,
    share: shareNearWell(s, pipe),
    from,
    growsMs: 2 * MINUTE,
    fullArea: bore(0.022),
    mendedAt,
  }
  const crewOpensAt = mendedAt + 30 * MINUTE
  const opened: TruthEvent = { at: crewOpensAt, event: 'crew_opens_valves', zone: 'MP' }
  return combine(leakOf(s, leak, pipe, { valves: section.valves, meters_cut_off: section.metersLost }), {
    crewOpensAt,
    truth: [opened],
  })
}

function rupture(s: Stage): ScenarioPlan {
  const pipe = chooseWatchedTrunk(s.document, dice(s, 7))
  const leak: Leak = {
    kind: 'rupture',
    pipe: pipe.id,
    share: shareNearWell(s, pipe),
    from: s.live + HOUR,
    growsMs: 0,
    fullArea: bore(0.05),
    mendedAt: Infinity,
  }
  return leakOf(s, leak, pipe, { valves: trunkSection(s.document, pipe).valves })
}

function rtuDrift(s: Stage): ScenarioPlan {
  const random = dice(s, 8)
  const inlets = new Set(s.document.regulators.map((r) => r.id))
  const flow = random.pick(s.document.rtus.filter((r) => inlets.has(r.at)))
  const end = random.pick(s.document.rtus.filter((r) => r.channels.length === 1))
  const drifts = [
    { rtu: flow.id, from: s.start, pressurePaPerDay: 0, flowSharePerDay: 0.04 },
    { rtu: end.id, from: s.start, pressurePaPerDay: -90, flowSharePerDay: 0 },
  ]
  return combine({
    drifts,
    truth: drifts.map((d) => ({
      ...d,
      at: d.from,
      event: 'rtu_drift',
      asset: d.rtu,
      zone: s.document.rtus.find((r) => r.id === d.rtu)?.zone ?? '',
    })),
  })
}

function cellOffline(s: Stage): ScenarioPlan {
  const count = new Map<number, number>()
  for (const m of s.document.meters) {
    const { pci } = radioPlace(s.seed, Number(m.id), m.lon ?? 0, m.lat ?? 0, m.placement === 'indoor')
    count.set(pci, (count.get(pci) ?? 0) + 1)
  }
  const [pci, meters] = [...count].reduce((best, c) => (c[1] > best[1] ? c : best))
  const from = s.live + HOUR
  const until = from + 1.25 * DAY
  return combine({
    silentCells: [{ pci, from, until }],
    truth: [{ at: from, event: 'cell_offline', pci, meters, until }],
  })
}
