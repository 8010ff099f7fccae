import type { LonLat, NetworkDocument, Pipe } from '@gastwin/twin'
import type { Leak } from '../physics/leak.ts'
import { chooseStreetMain, chooseWatchedTrunk } from './choose-victims.ts'
import { combine, type ScenarioPlan, type TruthEvent } from './scenario-plan.ts'
import { dice, type Stage } from './stage.ts'
import { trunkSection } from './trunk-section.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const bore = (diameter: number): number => (Math.PI / 4) * diameter * diameter

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

export function streetLeak(s: Stage, growsMs: number, diameter: number): ScenarioPlan {
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

export function trunkBreak(s: Stage): ScenarioPlan {
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

export function rupture(s: Stage): ScenarioPlan {
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
