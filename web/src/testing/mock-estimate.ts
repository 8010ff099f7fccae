import { decodeColumns, type EdgeEstimate, type EstimateMeta, encodeColumns, type Leak } from '@gastwin/server/contract'
import { ATMOSPHERE, type MiniCity } from './mini-city.ts'
import type { MockMood } from './mock-alarms.ts'

/** Gauge pressure at the heads of the tiers and what is lost on the way, Pa. */
const HEADS = [2400, 210_000, 410_000] as const
const LOSSES = [700, 60_000, 45_000] as const

export interface MockEstimate {
  meta(now: number): EstimateMeta
  body(now: number): Uint8Array
  edge(pipe: string, now: number): EdgeEstimate | undefined
  leaks(now: number): readonly Leak[]
}

/** Smooth invented fields over the city: pressure falls away from the middle, flow follows the diameter, the south-east is blind. */
export function mockEstimate(city: MiniCity, mood: MockMood): MockEstimate {
  const { columns } = decodeColumns(city.body.buffer)
  const [segments, owner] = [columns['pipe_segments'] as Float32Array, columns['pipe_segment_pipe'] as Uint32Array]
  const [tier, diameter] = [columns['pipe_tier'] as Uint8Array, columns['pipe_diameter'] as Float32Array]
  const n = city.counts.pipes
  const places = Array.from({ length: n }, () => [0, 0] as [number, number])
  for (let s = 0; s < owner.length; s++) {
    const place = places[owner[s] ?? 0]
    if (place === undefined) continue
    place[0] = segments[4 * s] ?? 0
    place[1] = segments[4 * s + 1] ?? 0
  }
  const fields = places.map(([x, y], i) => {
    const kind = (tier[i] ?? 0) as 0 | 1 | 2
    const away = Math.min(1, Math.hypot(x / 0.055, y / 0.038))
    const dead = i % 61 === 7
    const d = diameter[i] ?? 0.1
    const blind = Math.min(255, Math.max(6, Math.round(255 * (0.15 + (x / 0.055 - y / 0.04) * 0.55))))
    return {
      pressure: dead ? Number.NaN : ATMOSPHERE + HEADS[kind] - LOSSES[kind] * away ** 1.6,
      pressureSigma: (3 + blind / 6) * (kind === 0 ? 1 : 40),
      flow: dead ? Number.NaN : (i % 2 === 0 ? 1 : -1) * 18 * d ** 2.2 * (1.05 - away) * (0.2 + (i % 7) / 5),
      blind: dead ? 255 : blind,
    }
  })
  const all = (pick: (f: (typeof fields)[number], i: number) => number) => Float32Array.from(fields, pick)
  const velocity = (flow: number, i: number) => flow / (0.785 * (diameter[i] ?? 0.1) ** 2)
  const busy = mood !== 'quiet'

  const inZone = (zone: number) => [...city.pipeZone.keys()].filter((i) => city.pipeZone[i] === zone)
  const candidates = (zone: number, shares: readonly number[]) =>
    inZone(zone)
      .sort((a, b) => near(a, zone) - near(b, zone))
      .slice(0, shares.length)
      .map((pipe, i) => ({
        pipe: city.meta.pipe_ids[pipe] ?? '',
        probability: shares[i] ?? 0,
        position: (i * 0.37 + 0.2) % 1,
      }))
  const near = (pipe: number, zone: number) => {
    const [lon, lat] = city.zoneCentre[zone] ?? [0, 0]
    const [x, y] = places[pipe] ?? [0, 0]
    return Math.hypot(city.meta.origin[0] + x - lon - 0.004, city.meta.origin[1] + y - lat - 0.002)
  }

  return {
    meta: (now) => ({
      snapshot: city.meta.snapshot,
      at: Math.floor(now / 60_000) * 60_000 - (mood === 'flood' ? 22 * 60_000 : 0),
      status: mood === 'flood' ? 'stalled' : 'converged',
      misfit: mood === 'flood' ? 4.3 : 1.08,
      took_ms: 38,
      sensors: city.meta.rtu_ids.flatMap((rtu, i) => {
        const expected = ATMOSPHERE + 2150 + 7 * i
        const odd = busy && i === 26 ? ('drift' as const) : busy && i === 30 ? ('stuck' as const) : null
        const residual = odd === null ? Math.sin(i) : odd === 'drift' ? -6.4 : 4.1
        return [
          {
            rtu,
            kind: 'pressure' as const,
            measured: busy && i === 13 ? null : expected + 45 * residual,
            expected,
            residual: busy && i === 13 ? null : residual,
            state: busy && i === 13 ? ('silent' as const) : odd === null ? ('used' as const) : ('left_out' as const),
            reason: odd,
          },
          ...(i % 4 === 2
            ? [
                {
                  rtu,
                  kind: 'flow' as const,
                  measured: 0.1711,
                  expected: 0.1689,
                  residual: 0.4,
                  state: 'used' as const,
                  reason: null,
                },
              ]
            : []),
        ]
      }),
      next_rtus: [3, 7, 2].map((zone, i) => ({
        node: `N-0${310 + 41 * i}`,
        lon: (city.zoneCentre[zone]?.[0] ?? 0) + 0.003,
        lat: (city.zoneCentre[zone]?.[1] ?? 0) - 0.004,
        zone: city.meta.zones[zone]?.id ?? null,
        gain: 0.114 - 0.031 * i,
      })),
      calibrated_at: now - 86_400_000,
    }),
    body(now) {
      const leak = new Float32Array(n)
      return encodeColumns(
        {
          pipe_pressure: all((f) => f.pressure),
          pipe_pressure_sigma: all((f) => f.pressureSigma),
          pipe_flow: all((f) => f.flow),
          pipe_flow_sigma: all((f) => Math.abs(f.flow) * 0.08 + 0.0002),
          pipe_velocity: all((f, i) => velocity(f.flow, i)),
          pipe_blind: Uint8Array.from(fields, (f) => f.blind),
          pipe_leak: leak,
        },
        this.meta(now),
      )
    },
    edge(pipe, now) {
      const i = city.meta.pipe_ids.indexOf(pipe)
      const field = fields[i]
      if (field === undefined) return undefined
      const late = mood === 'flood'
      const known = (x: number) => (late || Number.isNaN(x) ? null : x)
      return {
        edge: pipe,
        at: late ? null : this.meta(now).at,
        pressure_from_pa: known(field.pressure + 11),
        pressure_to_pa: known(field.pressure - 11),
        pressure_sigma_pa: known(field.pressureSigma),
        flow_m3_s: known(field.flow),
        flow_sigma_m3_s: known(Math.abs(field.flow) * 0.08 + 0.0002),
        velocity_m_s: known(velocity(field.flow, i)),
      }
    },
    leaks(now) {
      if (!busy) return []
      const shares = [0.46, 0.21, 0.12, 0.06, 0.04, 0.03, 0.02, 0.015, 0.012, 0.01]
      const flow = (m3h: number, spread: number) => ({
        p05: (m3h * (1 - spread)) / 3600,
        p50: m3h / 3600,
        p95: (m3h * (1 + spread)) / 3600,
      })
      return [
        {
          id: 'L-0007',
          kind: 'leak',
          state: 'located',
          zone: city.meta.zones[1]?.id ?? '',
          suspected_at: now - 5.2 * 3_600_000,
          detected_at: now - 3.1 * 3_600_000,
          started_at: now - 7.5 * 3_600_000,
          candidates: candidates(1, shares),
          standard_flow_m3_s: flow(53, 0.22),
          evidence: [
            { code: 'flow_by_forecast', value: 53 / 3600, unit: 'm3/s' },
            { code: 'flow_by_registers', value: 48 / 3600, unit: 'm3/s' },
            { code: 'odds_by_balance', value: 19.4, unit: '1' },
            { code: 'odds_by_pressures', value: 3.1, unit: '1' },
            { code: 'pressure_hours', value: 7, unit: 'h' },
            { code: 'odds', value: 22.5, unit: '1' },
          ],
          closed: null,
        },
        {
          id: 'L-0009',
          kind: 'leak',
          state: 'suspected',
          zone: city.meta.zones[4]?.id ?? '',
          suspected_at: now - 50 * 60_000,
          detected_at: null,
          started_at: now - 80 * 60_000,
          candidates: candidates(4, [0.08, 0.07, 0.06, 0.05, 0.05, 0.04, 0.04, 0.03]),
          standard_flow_m3_s: flow(11, 0.7),
          evidence: [
            { code: 'flow_by_forecast', value: 11 / 3600, unit: 'm3/s' },
            { code: 'odds', value: 3.4, unit: '1' },
          ],
          closed: null,
        },
        {
          id: 'L-0004',
          kind: 'rupture',
          state: 'isolated',
          zone: city.meta.zones[9]?.id ?? '',
          suspected_at: now - 26 * 3_600_000,
          detected_at: now - 26 * 3_600_000,
          started_at: now - 26 * 3_600_000,
          candidates: candidates(9, [0.97, 0.02]),
          standard_flow_m3_s: flow(880, 0.3),
          evidence: [{ code: 'odds', value: 19, unit: '1' }],
          closed: null,
        },
      ]
    },
  }
}
