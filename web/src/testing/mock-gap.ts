import { createHash } from 'node:crypto'
import {
  GAP_SHARE_NAMES,
  type GapLedger,
  type GapRevision,
  type GapShareName,
  type GapStatement,
  type MetersHealth,
  type Models,
  type Replacement,
  type ReplacementOrder,
  type ShareInterval,
  type Suspect,
  type SuspectCase,
  type SuspectEvidence,
  type Suspects,
} from '@gastwin/server/contract'
import { dice, type MiniCity } from './mini-city.ts'
import type { MockMood } from './mock-alarms.ts'

const DAY = 86_400_000
/** The city's midnight in UTC: it lies eight hours east. */
const midnight = (at: number) => Math.floor((at + 8 * 3_600_000) / DAY) * DAY - 8 * 3_600_000

export type MockGapState = 'stated' | 'waiting' | 'failed' | 'old'

export interface MockGap {
  ledger(query: URLSearchParams, now: number, state: MockGapState): GapLedger
  suspects(query: URLSearchParams, now: number): Suspects
  evidence(meter: string, now: number): SuspectEvidence | undefined
  /** @returns undefined for a meter nobody suspects */
  act(meter: string, request: Readonly<Record<string, string>>, user: string, now: number): Suspect | undefined
  models(now: number): Models
  due(query: URLSearchParams, now: number): MetersHealth
  replacements(by: ReplacementOrder): readonly Replacement[]
  revisions(now: number): readonly GapRevision[]
}

type Shares = Record<GapShareName, ShareInterval>

/** An invented ledger that adds up: per zone steady causes, on each day its weather, on the last days a thief more. */
export function mockGap(city: MiniCity, mood: MockMood): MockGap {
  const quiet = mood === 'quiet'
  const ids = city.meta.zones.map((z) => z.id)
  /** Share of supply by cause and zone, and how much of it nobody knows. */
  const habits = ids.map((_, z) => {
    const roll = dice(100 + z)
    const bad = !quiet && (z === 6 || z === 1)
    return {
      supply: 9000 + 900 * z,
      leak: bad ? 0.021 : 0.002 + 0.006 * roll(),
      theft: bad ? 0.016 : 0.002 * roll(),
      meter_bias: 0.004 + (quiet ? 0.002 : 0.011) * roll(),
      temperature_pressure: 0.006 + 0.008 * roll(),
      unexplained: (z === 11 && !quiet ? -0.061 : 0) + (roll() - 0.5) * 0.004,
      doubt: z === 8 && !quiet ? 0.02 : 0.0025 + 0.003 * roll(),
    }
  })

  /** One day of a zone: m³ by cause, the mean and half of its 90 % interval. */
  function day(zone: number, at: number): { supply: number; shares: Record<GapShareName, readonly [number, number]> } {
    const h = habits[zone]
    const roll = dice(Math.floor(at / DAY) * 31 + zone)
    const cold = 1 + 0.18 * Math.sin(at / DAY / 3.1)
    const supply = (h?.supply ?? 9000) * cold * (0.97 + 0.06 * roll())
    const doubt = supply * (h?.doubt ?? 0.003)
    const noise = () => (roll() - 0.5) * 2
    return {
      supply,
      shares: {
        leak: [supply * (h?.leak ?? 0), doubt * 1.5],
        theft: [supply * (h?.theft ?? 0) * (0.9 + 0.2 * roll()), doubt * 1.2],
        meter_bias: [supply * (h?.meter_bias ?? 0), doubt * 0.9],
        temperature_pressure: [supply * (h?.temperature_pressure ?? 0) * cold, doubt * 0.4],
        timing: [supply * 0.012 * noise(), doubt * 0.5],
        unread: [supply * 0.004 * noise(), doubt * 0.25],
        unexplained: [supply * (h?.unexplained ?? 0) + doubt * 0.3 * noise(), doubt * 1.4],
      },
    }
  }

  function statement(zone: number, from: number, to: number): GapStatement {
    const days = Math.max(1, Math.round((to - from) / DAY))
    const m3 = Object.fromEntries(GAP_SHARE_NAMES.map((n) => [n, { p05: 0, p50: 0, p95: 0 }])) as Shares
    const yuan = Object.fromEntries(GAP_SHARE_NAMES.map((n) => [n, { p05: 0, p50: 0, p95: 0 }])) as Shares
    let supply = 0
    for (let d = 0; d < days; d++) {
      const one = day(zone, from + d * DAY)
      supply += one.supply
      for (const name of GAP_SHARE_NAMES) {
        const [mean, half] = one.shares[name]
        const price = name === 'timing' || name === 'unread' ? 0 : name === 'leak' ? 2.4 : 3.1
        // Errors of single days level out in part.
        const width = half * (days > 1 ? 0.72 : 1)
        const least = name === 'leak' || name === 'theft' ? Math.max(0.1 * mean, mean - width) : mean - width
        m3[name] = { p05: m3[name].p05 + least, p50: m3[name].p50 + mean, p95: m3[name].p95 + mean + width }
        yuan[name] = {
          p05: yuan[name].p05 + price * least,
          p50: yuan[name].p50 + price * mean,
          p95: yuan[name].p95 + price * (mean + width),
        }
      }
    }
    const gap = GAP_SHARE_NAMES.reduce((sum, name) => sum + m3[name].p50, 0)
    const ownUse = 28 * days
    return {
      zone: ids[zone] ?? '',
      from,
      to,
      supply_m3: supply,
      supply_state: zone === 4 ? 'partly' : 'measured',
      supply_doubt_m3: zone === 4 ? 0.012 * supply : 0,
      sales_m3: supply - gap - ownUse - 12,
      linepack_change_m3: 12,
      own_use_m3: ownUse,
      gap_m3: gap,
      gap_rate: gap / supply,
      inlet_coverage: zone === 4 ? 0.964 : 1,
      meters: 500,
      unread_meters: 3 + (zone % 5) * 4,
      shares_m3: m3,
      known_leaks: zone === 6 ? mockLeaks(from, to, m3.leak.p50) : [],
      shares_yuan: yuan,
      revision: zone === 6 ? 3 : 1,
      stated_at: to + 5 * 3_600_000,
    }
  }

  function spans(every: string, from: number, to: number): [number, number][] {
    const end = midnight(to)
    const list: [number, number][] = []
    if (every === 'month')
      for (let m = 0; m < 13; m++) {
        const now = new Date(end + 8 * 3_600_000 - 1)
        const begin = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - m, 1) - 8 * 3_600_000
        const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - m + 1, 1) - 8 * 3_600_000
        list.push([begin, Math.min(next, end)])
      }
    else {
      const days = every === 'week' ? 7 : 1
      // Weeks begin on Monday.
      const monday = every === 'week' ? end - ((new Date(end + 8 * 3_600_000).getUTCDay() + 6) % 7) * DAY : end
      for (let i = 1; monday - i * days * DAY >= from; i++)
        list.push([monday - i * days * DAY, monday - (i - 1) * days * DAY])
    }
    return list.filter(([begin]) => begin >= from)
  }

  const suspects = mockSuspects(city, quiet)
  const acts = new Map<string, readonly SuspectCase[]>()
  const withCase = (suspect: Suspect): Suspect => ({
    ...suspect,
    case: acts.get(suspect.meter)?.at(-1) ?? suspect.case,
  })
  return {
    ledger(query, now, state) {
      const every = query.get('every') ?? 'day'
      const end = midnight(now) - (state === 'old' ? 2 * DAY : 0)
      const from = Math.max(Number(query.get('from')), now - 70 * DAY)
      const items =
        state === 'waiting' || state === 'failed'
          ? []
          : spans(every, from, end).flatMap(([begin, end]) => ids.map((_, zone) => statement(zone, begin, end)))
      return {
        state: state === 'old' ? 'stated' : state,
        why:
          state === 'waiting'
            ? 'no day is whole; the first one can be stated tomorrow'
            : state === 'failed'
              ? 'the analysis worker ended with code 1'
              : null,
        reason: state === 'waiting' ? { code: 'first_day', until: now + 86_400_000 } : null,
        stated_at: items.length === 0 ? null : state === 'old' ? now - 31 * 3_600_000 : now - 1_260_000,
        data_from: items.length === 0 ? null : midnight(now) - 70 * DAY,
        data_to: items.length === 0 ? null : end,
        readings: 411_206,
        took_ms: 3120,
        model: 'gap-ledger/1',
        items,
      }
    },
    suspects(query, now) {
      const zone = query.get('zone')
      const state = query.get('state')
      const all = suspects(now)
        .map(withCase)
        .filter(
          (s) =>
            (zone === null || s.zone === zone) &&
            (state === null ? s.case.state !== 'closed' : s.case.state === state || state === 'all'),
        )
      return { items: all.slice(0, Number(query.get('limit') ?? 100)), total: all.length, stated_at: now - 1_260_000 }
    },
    evidence(meter, now) {
      const suspect = suspects(now).find((s) => s.meter === meter)
      return suspect === undefined ? undefined : evidenceOf(withCase(suspect), acts.get(meter) ?? [], now)
    },
    act(meter, { state, found, note }, user, now) {
      const suspect = suspects(now).find((s) => s.meter === meter)
      if (suspect === undefined) return undefined
      const act = { state, at: now, user, found: found ?? null, note: note ?? null, again: false } as SuspectCase
      acts.set(meter, [...(acts.get(meter) ?? []), act])
      return withCase(suspect)
    },
    models: (now) => ({
      ...{ backend: 'wasm', state: 'ready', why: null, folder: null, refused: [], tensors: 10 },
      items: [
        {
          ...{ use: 'active', source: 'shipped', file: 'theft-default-35.model', sha256: 'a78c94d8'.repeat(8) },
          ...{ trained_on: 'injected attacks', rows: 10_000, positives: 5_000, days: 35, seed: 1 },
        },
      ],
      ...{ scored_at: now - 1_260_000, scored_meters: 7_204, took_ms: 812, comparison: null, drift: null },
      low_flow: { watched: 7_204, findings: 3, why: null, model: null, shadow: null, fit: null, comparison: null },
    }),
    due(query, now) {
      const zone = query.get('zone') ?? ids[6] ?? ''
      const row = ids.indexOf(zone)
      const own = [...city.meterZone.keys()].filter((m) => city.meterZone[m] === row).slice(0, quiet ? 0 : 7)
      const items = own.map((m, i): MetersHealth['items'][number] => {
        const due = now + i * 41 * DAY
        const left = { p05: i * 0.11, p50: 0.3 + i * 0.4, p95: 0.9 + i * 0.8 }
        const meter = String(city.meterNumbers[m] ?? 0)
        return {
          ...{ meter, device: meter, zone, due_at: due, age_years: 11.4 - i },
          reasons: [{ reason: i === 0 ? 'battery_low' : i % 3 === 1 ? 'over_age' : 'battery', due_at: due }],
          battery: {
            ...{ volt: 3.08 + i * 0.03, volt_per_year: -0.06, reports_per_day: 1.1, rsrp_dbm: -104 },
            ...{ years_left: left, basis: ['fleet', 'charge'] },
          },
        }
      })
      return {
        ...{ stated_at: now, horizon_days: 365, meters: 7_204, with_battery: 7_012, battery_low: 1, over_age: 2 },
        ...{ decline_v_per_year: 0.026, items, total: items.length },
      }
    },
    replacements: (by) =>
      [...city.meterNumbers]
        .filter((_, i) => i % 307 === 19)
        .slice(0, 20)
        .map((number, i) => {
          const yuan = i % 3 === 1 ? 3850 : 260
          const won = (i % 3 === 1 ? 9100 : 640) / (1 + i * 0.21)
          const worth = won * (i % 3 === 1 ? 4.34 : 2.99)
          return {
            meter: String(number),
            device: String(number),
            zone: ids[(city.meterZone[city.meterNumbers.indexOf(number)] ?? 0) % ids.length] ?? '',
            reason: (['stopped', 'too_large', 'worn'] as const)[i % 3] ?? 'worn',
            age_years: 4 + ((i * 5) % 13),
            ...{ won_m3_per_year: won, won_m3_p05: 0.05 * won, won_m3_p95: 2.1 * won, won_yuan_per_year: worth },
            ...{ yuan, yuan_assumed: true, m3_per_yuan: won / yuan, yuan_per_yuan: worth / yuan },
          }
        })
        .sort((a, b) => (by === 'm3' ? b.m3_per_yuan - a.m3_per_yuan : b.yuan_per_yuan - a.yuan_per_yuan)),
    revisions: (now) =>
      Array.from({ length: 9 }, (_, i) => {
        const from = midnight(now) - (2 + (i >> 1)) * DAY
        const sales = 40 - 7.3 * i
        return {
          zone: ids[i % 2 === 0 ? 6 : (i * 5) % 12] ?? '',
          from,
          to: from + DAY,
          at: now - (i + 1) * 5_400_000,
          revision: i % 2 === 0 ? 3 - (i >> 2) : 2,
          supply_change_m3: i === 4 ? 18.2 : 0,
          sales_change_m3: sales,
          gap_change_m3: (i === 4 ? 18.2 : 0) - sales,
          leak_change_m3: i === 6 ? -31.5 : 0.4 * i,
        }
      }),
  }
}

/** One that was mended and one that still flows, within the leak share. */
function mockLeaks(from: number, to: number, leak: number): GapStatement['known_leaks'] {
  const part = (share: number) => ({ p05: 0.8 * share * leak, p50: share * leak, p95: 1.2 * share * leak })
  return [
    {
      ...{ id: 'Z07-0302-0415', kind: 'leak', standing: 'repaired', from: from - DAY, until: from + (to - from) / 3 },
      ...{ probability: 0.99, volume_m3: part(0.15) },
    },
    {
      ...{ id: 'Z07-0311-0230', kind: 'leak', standing: 'found', from: from + (to - from) / 4, until: null },
      ...{ probability: 0.82, volume_m3: part(0.4) },
    },
  ]
}

function mockSuspects(city: MiniCity, quiet: boolean): (now: number) => readonly Suspect[] {
  const wanted = quiet ? [] : [6, 6, 6, 6, 6, 6, 6, 6, 6, 1, 1, 1, 1, 3, 9]
  return (now) => {
    const today = midnight(now)
    return wanted
      .map((zone, i): Suspect => {
        const own = [...city.meterZone.keys()].filter((m) => city.meterZone[m] === zone)
        const meter = String(city.meterNumbers[own[(i * 67 + 41) % own.length] ?? 0] ?? 0)
        const kind = i % 4 === 2 ? 'stopped' : i % 5 === 4 ? 'oversized' : 'theft'
        const since = today - (9 + ((i * 7) % 30)) * DAY
        const volume =
          kind === 'oversized' ? 14.2 / (1 + i / 9) : kind === 'stopped' ? 0.9 + i / 20 : 22.6 / (1 + i / 3)
        return {
          meter,
          device: meter,
          zone: city.meta.zones[zone]?.id ?? '',
          kind,
          probability: Math.max(0.06, 0.93 - i * 0.075),
          since: kind === 'oversized' ? null : since,
          m3_per_day: i === 7 ? null : { p05: volume * 0.55, p50: volume, p95: volume * 1.5 },
          yuan_per_month: i === 7 ? null : volume * 30 * 3.1,
          lon: null,
          lat: null,
          facts: factsOf(kind, i, since),
          model_score: kind === 'theft' ? 0.97 - i / 50 : null,
          also: [],
          case: { state: 'new', at: null, user: null, found: null, note: null, again: false },
        }
      })
      .sort((a, b) => b.probability - a.probability)
  }
}

function factsOf(kind: Suspect['kind'], i: number, since: number): Suspect['facts'] {
  const fact = (code: string, value: number | null, unit = '1', at: number | null = null) => ({ code, value, unit, at })
  if (kind === 'stopped')
    return [
      fact('stands_still', null, '', since),
      fact('peer_use', 0.94, 'm3/d'),
      fact('age_years', 11, 'a'),
      fact('zone_says_nothing', null, ''),
    ]
  if (kind === 'oversized') return [fact('utilisation', 0.11), fact('own_use', 61.4, 'm3/d'), fact('age_years', 6, 'a')]
  return [
    fact('drop', 0.62 - i * 0.02, '1', since),
    ...(i % 2 === 0 ? [fact('cold_drop', 0.71, '1', since)] : [fact('weekend_drop', 0.4, '1', since)]),
    fact('strength', 6.4 - i / 3),
    fact('own_use', 8.2, 'm3/d'),
    fact('peer_use', 21.7, 'm3/d'),
    fact('model_score', 0.97 - i / 50),
    ...(i === 0 ? [fact('magnet', null, '', since + 3_600_000)] : []),
    fact(i % 3 === 2 ? 'zone_misses_nothing' : 'zone_misses_gas', null, '', since),
  ]
}

function evidenceOf(suspect: Suspect, acts: readonly SuspectCase[], now: number): SuspectEvidence {
  const today = midnight(now)
  const loss = suspect.m3_per_day?.p50 ?? 1
  const roll = dice(Number(BigInt(suspect.meter) % 100_000n))
  const days = Array.from({ length: 45 }, (_, i) => {
    const from = today - (45 - i) * DAY
    const expected = loss * 1.7 * (1 + 0.22 * Math.sin(i / 2.9)) * (0.93 + 0.14 * roll())
    const after = suspect.since !== null && from >= suspect.since
    const use =
      suspect.kind === 'stopped' && after ? 0 : Math.max(0, expected - (after ? loss : 0) + (roll() - 0.5) * loss * 0.2)
    return { from, use_m3: i === 21 || i === 22 ? null : use, expected_m3: expected }
  })
  const body = {
    suspect,
    days,
    events: suspect.facts.flatMap(({ code, at }) => (code === 'magnet' && at !== null ? [{ code, at }] : [])),
    acts: [...acts],
    model: 'gap-suspects/1',
    stated_at: now - 1_260_000,
  }
  return { ...body, digest_sm3: createHash('sm3').update(JSON.stringify(body)).digest('hex') }
}
