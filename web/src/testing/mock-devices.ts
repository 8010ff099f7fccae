import type { DeviceTwin } from '@gastwin/server/contract'
import { ATMOSPHERE, type MiniCity } from './mini-city.ts'

export function mockDevices(city: MiniCity, url: URL) {
  const query = url.searchParams.get('query') ?? ''
  const kind = url.searchParams.get('kind')
  const items: object[] = []
  const add = (k: string, number: string, asset: string) => {
    if ((kind === null || kind === k) && (number.includes(query) || asset.includes(query)))
      items.push({
        number,
        kind: k,
        asset,
        zone: 'Z-01',
        lon: 0,
        lat: 0,
        state: 1,
        last_report_at: null,
        last_received_at: null,
      })
  }
  for (const [i, id] of city.meta.rtu_ids.entries()) add('rtu', String(90_000_000_000_000 + i), id)
  for (const [i, id] of city.meta.valve_ids.entries()) add('valve', String(80_000_000_000_000 + i), id)
  for (const number of city.meterNumbers) add('meter', String(number), String(number))
  return { items: items.slice(0, 20), next: null, total: items.length }
}

export function mockTwin(city: MiniCity, number: string, now: number): DeviceTwin {
  const kind = number.startsWith('9') ? 'rtu' : number.startsWith('8') ? 'valve' : 'meter'
  const index = Number(number) % 1e13
  const asset =
    kind === 'rtu' ? (city.meta.rtu_ids[index] ?? '') : kind === 'valve' ? (city.meta.valve_ids[index] ?? '') : number
  return {
    number,
    kind,
    asset,
    zone: 'Z-07',
    lon: 0,
    lat: 0,
    state: 1,
    last_report_at: now - 41_000,
    last_received_at: now - 40_000,
    meter:
      kind === 'meter'
        ? {
            size: 'G2.5',
            class: 'residential',
            installed_year: 2014,
            corrector: false,
            placement: 'indoor',
            read_schedule: 'daily',
            protected: null,
            index_m3: 4211.3,
            index_at: now - 32_400_000,
            daily_m3: 0.84,
          }
        : null,
    pressure_pa: kind === 'rtu' ? ATMOSPHERE + 810 : null,
    temperature_k: kind === 'rtu' ? 286.4 : null,
    standard_flow_m3_s: kind === 'rtu' ? 0.1711 : null,
    gas_lel: null,
    valve: kind === 'rtu' ? 'unknown' : 'open',
    battery_volt: kind === 'rtu' ? null : 3.41,
    rsrp_dbm: -96,
    sinr_db: 7,
    ecl: 0,
    pci: 217,
    good_coverage: true,
    clock_error_s: 1.4,
    reports: 1441,
    duplicates: 3,
    late: 11,
    events: kind === 'meter' ? ['small_flow'] : [],
    quantities:
      kind === 'rtu'
        ? ['pressure_pa', 'standard_flow_m3_s', 'temperature_k']
        : kind === 'meter'
          ? ['index_m3', 'battery_volt']
          : ['battery_volt'],
  }
}

export function mockSeries(url: URL) {
  const [from, to] = [Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))]
  const quantity = url.searchParams.get('quantity') ?? ''
  const at = Array.from({ length: 240 }, (_, i) => Math.floor(from + ((to - from) * i) / 239))
  const wave = (i: number) => Math.sin(i / 17) * 0.5 + Math.sin(i / 3.3) * 0.1
  const value = at.map((_, i) => {
    if (i > 118 && i < 124) return null
    if (quantity === 'pressure_pa') return ATMOSPHERE + 2100 + 260 * wave(i) - (i > 215 ? 55 * (i - 215) : 0)
    if (quantity === 'temperature_k') return 287 + wave(i) * 4
    if (quantity === 'index_m3') return 4200 + i * 0.05
    return quantity === 'battery_volt' ? 3.42 - i / 40_000 : 0.17 + wave(i) * 0.06
  })
  const unit = quantity.endsWith('_pa')
    ? 'Pa'
    : quantity.endsWith('_k')
      ? 'K'
      : quantity.endsWith('_m3')
        ? 'm3'
        : quantity.endsWith('volt')
          ? 'V'
          : 'm3/s'
  return {
    asset: 'x',
    quantity,
    unit,
    from,
    to,
    resolution: to - from > 2e8 ? 'hour' : 'raw',
    at,
    value,
    truncated: false,
  }
}
