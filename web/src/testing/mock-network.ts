import type { LayerName, ZoneSummary } from '@gastwin/server/contract'
import { ATMOSPHERE, dice, type MiniCity } from './mini-city.ts'
import type { MockMood } from './mock-alarms.ts'

export function mockStates(city: MiniCity, mood: MockMood): Record<LayerName, Uint8Array> {
  const random = dice(11)
  const busy = mood !== 'quiet'
  const pipes = Uint8Array.from({ length: city.counts.pipes }, (_, i) => {
    const zone = city.pipeZone[i]
    if (busy && zone === 6) return random() < 0.55 ? 2 : 1
    if (busy && zone === 1 && random() < 0.05) return 4
    return busy && zone === 10 && random() < 0.5 ? 0 : 1
  })
  return {
    meters: Uint8Array.from({ length: city.counts.meters }, () => (random() < 0.94 ? 1 : random() < 0.7 ? 2 : 3)),
    pipes,
    rtus: Uint8Array.from({ length: city.counts.rtus }, (_, i) =>
      !busy ? 1 : i === 25 ? 3 : i === 13 ? 2 : i === 41 ? 5 : 1,
    ),
    zones: busy ? Uint8Array.of(1, 3, 1, 1, 2, 1, 1, 1, 4, 1, 0, 5) : new Uint8Array(12).fill(1),
    valves: Uint8Array.from({ length: city.counts.valves }, (_, i) => (busy && i === 7 ? 4 : busy && i === 20 ? 2 : 1)),
  }
}

export function mockValues(city: MiniCity, zones: readonly ZoneSummary[], mood: MockMood) {
  const random = dice(5)
  return {
    pipes: Float32Array.from({ length: city.counts.pipes }, () => ATMOSPHERE + 1900 + random() * 500),
    rtus: Float32Array.from(
      { length: city.counts.rtus },
      (_, i) => ATMOSPHERE + (i === 25 && mood !== 'quiet' ? 810 : 2100 + random() * 300),
    ),
    zones: Float32Array.from(zones, (z) => z.yesterday?.gap_rate ?? Number.NaN),
  }
}

export function mockZones(city: MiniCity, now: number, mood: MockMood): ZoneSummary[] {
  const rates =
    mood === 'quiet'
      ? [1.2, 0.4, -0.8, 2.1, 1.9, 0.2, 1.1, 0.6, -1.2, 2.4, 0.9, 1.7]
      : [1.2, 8.4, -0.8, 2.1, 4.1, 0.2, 1.1, 0.6, -3.9, 2.4, Number.NaN, -7.6]
  return city.meta.zones.map(({ id, name }, i) => {
    const supply = 14_000 + 900 * i
    const rate = (rates[i] ?? 0) / 100
    const period = {
      zone: id,
      from: now - 86_400_000,
      to: now,
      supply_m3: supply,
      sales_m3: supply * (1 - rate) - 40,
      linepack_change_m3: 12,
      own_use_m3: 28,
      gap_m3: supply * rate,
      gap_rate: rate,
      temperature_pressure_m3: supply * 0.016,
      unread_m3: supply * 0.006,
      unread_meters: 3,
      meters: 500,
      inlet_coverage: 1,
    }
    return {
      id,
      name,
      meters: 500,
      supply_m3_s: 0.17 + i / 100,
      sales_estimate_m3_s: 0.16 + i / 100,
      lowest_pressure_pa: ATMOSPHERE + (i === 6 && mood !== 'quiet' ? 810 : 1980),
      lowest_pressure_at: `RTU-${String(4 * i + 2).padStart(3, '0')}`,
      min_pressure_pa: ATMOSPHERE + 1200,
      yesterday: Number.isNaN(rate) ? null : period,
      last_24h: Number.isNaN(rate) ? null : { ...period, gap_m3: period.gap_m3 * 1.04, gap_rate: rate * 1.04 },
      safety_mode: i % 5 === 0 ? 'automatic' : i % 5 === 1 ? 'dry_run' : 'approval',
    }
  })
}

export function mockStrip(now: number, share: number) {
  const step = 600_000
  const to = Math.floor(now / step) * step
  const points = Array.from({ length: 144 }, (_, i) => {
    const at = to - (143 - i) * step
    const hour = ((at / 3_600_000 + 8) % 24) as number
    const base =
      6200 +
      2300 * Math.exp(-((hour - 7.2) ** 2) / 3) +
      1500 * Math.exp(-((hour - 11.8) ** 2) / 3) +
      3100 * Math.exp(-((hour - 18.6) ** 2) / 5) -
      (hour < 5 ? 2400 : 0)
    const supply = ((base + 90 * Math.sin(i)) / 6) * share
    const rate = i > 100 ? 0.085 : 0.03
    return { at, supply_m3: i === 60 ? null : supply, sales_estimate_m3: supply * (1 - rate), gap_m3: supply * rate }
  })
  return { from: to - 86_400_000, to, step_ms: step, points }
}
