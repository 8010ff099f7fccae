/** A small invented city for looking at the console and for its tests: never part of the product. */
import { type Column, encodeColumns, type GeometryMeta } from '@gastwin/server/contract'

/** Pa. */
export const ATMOSPHERE = 101_325

export interface MiniCity {
  readonly body: Uint8Array<ArrayBuffer>
  readonly meta: GeometryMeta
  readonly bounds: readonly [number, number, number, number]
  readonly counts: {
    readonly meters: number
    readonly pipes: number
    readonly valves: number
    readonly rtus: number
    readonly zones: number
  }
  readonly meterNumbers: Float64Array
  readonly meterZone: Uint16Array
  readonly pipeZone: Uint16Array
  readonly zoneCentre: readonly (readonly [number, number])[]
  readonly rtuPlace: readonly (readonly [number, number])[]
  readonly valvePlace: readonly (readonly [number, number])[]
  readonly rtuZone: readonly number[]
  readonly valveZone: readonly number[]
  readonly remote: Uint8Array
}

export function dice(seed: number): () => number {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const ORIGIN = [120.9, 31.4] as const
const COLUMNS = 4
const ROWS = 3
const NAMES = ['望江', '西津', '北固', '钟楼', '南浦', '东关', '石桥', '青龙', '柳园', '沙洲', '龙潭', '白塔']
const NAMES_EN = [
  'Wangjiang',
  'Xijin',
  'Beigu',
  'Zhonglou',
  'Nanpu',
  'Dongguan',
  'Shiqiao',
  'Qinglong',
  'Liuyuan',
  'Shazhou',
  'Longtan',
  'Baita',
]

export function buildMiniCity(metersWanted = 6000): MiniCity {
  const random = dice(7)
  const width = 0.11
  const height = 0.075
  // Corners of the zones, shaken so that nothing is a grid.
  const corner = Array.from({ length: (COLUMNS + 1) * (ROWS + 1) }, (_, i) => {
    const c = i % (COLUMNS + 1)
    const r = Math.floor(i / (COLUMNS + 1))
    return [
      (c / COLUMNS - 0.5) * width + (random() - 0.5) * 0.008,
      (r / ROWS - 0.5) * height + (random() - 0.5) * 0.007,
    ] as const
  })
  const at = (c: number, r: number) => corner[r * (COLUMNS + 1) + c] ?? [0, 0]
  const segments: number[] = []
  const owner: number[] = []
  const diameter: number[] = []
  const tier: number[] = []
  const pipeZone: number[] = []
  const pipeIds: string[] = []
  const streets: number[] = []
  const streetClass: number[] = []
  const meterXy: number[] = []
  const meterZone: number[] = []
  const rings: number[] = []
  const ringStart = [0]
  const rtuXy: number[] = []
  const rtuZone: number[] = []
  const stations: { id: string; kind: 'gate_station' | 'regulator_station' }[] = []
  const stationXy: number[] = []
  const valveXy: number[] = []
  const valvePipe: number[] = []
  const valveZone: number[] = []
  const remote: number[] = []
  const centres: [number, number][] = []

  const pipe = (points: readonly (readonly [number, number])[], d: number, kind: number, zone: number) => {
    const number = pipeIds.length
    pipeIds.push(`P-${String(number + 1).padStart(4, '0')}`)
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1] ?? [0, 0], points[i] ?? [0, 0]]
      segments.push(a[0], a[1], b[0], b[1])
      owner.push(number)
    }
    diameter.push(d)
    tier.push(kind)
    pipeZone.push(zone)
    return number
  }
  const street = (a: readonly [number, number], b: readonly [number, number], kind: number) => {
    streets.push(a[0], a[1], b[0], b[1])
    streetClass.push(kind)
  }
  const bend = (a: readonly [number, number], b: readonly [number, number], by: number) => {
    const m = [(a[0] + b[0]) / 2 + (random() - 0.5) * by, (a[1] + b[1]) / 2 + (random() - 0.5) * by] as const
    return [a, m, b] as const
  }
  for (let r = 0; r <= ROWS; r++)
    for (let c = 0; c <= COLUMNS; c++) {
      if (c < COLUMNS) {
        const line = bend(at(c, r), at(c + 1, r), 0.004)
        pipe(line, 0.4, r === 0 || r === ROWS ? 2 : 1, 65535)
        street(line[0], line[1], 0)
        street(line[1], line[2], 0)
      }
      if (r < ROWS) {
        const line = bend(at(c, r), at(c, r + 1), 0.004)
        pipe(line, 0.3, c === 0 || c === COLUMNS ? 2 : 1, 65535)
        street(line[0], line[1], 0)
        street(line[1], line[2], 0)
      }
    }
  const perZone = Math.floor(metersWanted / (COLUMNS * ROWS))
  for (let zone = 0; zone < COLUMNS * ROWS; zone++) {
    const c = zone % COLUMNS
    const r = Math.floor(zone / COLUMNS)
    const [p, q, s, t] = [at(c, r), at(c + 1, r), at(c + 1, r + 1), at(c, r + 1)]
    for (const [x, y] of [p, q, s, t]) rings.push(x, y)
    ringStart.push(rings.length / 2)
    const inside = (u: number, v: number): [number, number] => [
      (1 - u) * (1 - v) * p[0] + u * (1 - v) * q[0] + u * v * s[0] + (1 - u) * v * t[0],
      (1 - u) * (1 - v) * p[1] + u * (1 - v) * q[1] + u * v * s[1] + (1 - u) * v * t[1],
    ]
    centres.push(inside(0.5, 0.5))
    const n = 7
    const knot = (i: number, j: number) => {
      const shake = dice(zone * 1000 + i * 37 + j)
      return inside(0.06 + (0.88 * i) / n + (shake() - 0.5) * 0.06, 0.06 + (0.88 * j) / n + (shake() - 0.5) * 0.06)
    }
    for (let i = 0; i <= n; i++)
      for (let j = 0; j <= n; j++) {
        for (const [di, dj] of [
          [1, 0],
          [0, 1],
        ] as const) {
          if (i + di > n || j + dj > n) continue
          const line = bend(knot(i, j), knot(i + di, j + dj), 0.0012)
          const main = (dj === 0 && j === 3) || (di === 0 && i === 3)
          street(line[0], line[1], main ? 1 : 2)
          street(line[1], line[2], main ? 1 : 2)
          if (random() < 0.14 && !main) continue
          const number = pipe(line, main ? 0.2 : 0.08 + random() * 0.06, main ? 1 : 0, zone)
          if (random() < 0.28) {
            valveXy.push(...line[1])
            valvePipe.push(number)
            valveZone.push(zone)
            remote.push(main ? 1 : 0)
          }
          for (let k = 0; k < perZone / 95; k++) {
            const f = random()
            const [a, b] = f < 0.5 ? [line[0], line[1]] : [line[1], line[2]]
            const g = (f * 2) % 1
            meterXy.push(
              a[0] + (b[0] - a[0]) * g + (random() - 0.5) * 0.0007,
              a[1] + (b[1] - a[1]) * g + (random() - 0.5) * 0.0006,
            )
            meterZone.push(zone)
          }
        }
      }
    stations.push({ id: `RS-${String(zone + 1).padStart(2, '0')}`, kind: 'regulator_station' })
    stationXy.push(...knot(3, 3))
    for (const [i, j] of [
      [3, 3],
      [0, 0],
      [7, 6],
      [1, 6],
    ] as const) {
      const [x, y] = knot(i, j)
      rtuXy.push(x + 0.0006, y)
      rtuZone.push(zone)
    }
  }
  for (const [c, r] of [
    [0, 1],
    [COLUMNS, 2],
  ] as const) {
    stations.push({ id: `GS-${stations.length - 11}`, kind: 'gate_station' })
    stationXy.push(...at(c, r))
  }
  const river = riverOf()
  const numbers = Float64Array.from({ length: meterXy.length / 2 }, (_, i) => 37020000000000 + 13 * i)
  const meta: GeometryMeta = {
    snapshot: 7,
    origin: ORIGIN,
    pipe_ids: pipeIds,
    valve_ids: valvePipe.map((_, i) => `V-${String(i + 1).padStart(4, '0')}`),
    rtu_ids: rtuZone.map((_, i) => `RTU-${String(i + 1).padStart(3, '0')}`),
    zones: NAMES.map((name, i) => ({
      id: `Z-${String(i + 1).padStart(2, '0')}`,
      name: `${name} ${NAMES_EN[i]}`,
      inlets: ([1, -1] as const).slice(0, i % 3 === 0 ? 2 : 1).map((sign) => ({
        edge: `P-${String(i + 1).padStart(4, '0')}`,
        sign,
        lon: ORIGIN[0] + (rings[8 * i] ?? 0) * 0.6 + (rings[8 * i + (sign > 0 ? 2 : 6)] ?? 0) * 0.4,
        lat: ORIGIN[1] + (rings[8 * i + 1] ?? 0) * 0.6 + (rings[8 * i + (sign > 0 ? 3 : 7)] ?? 0) * 0.4,
      })),
    })),
    stations,
    places: NAMES.flatMap((name, i) =>
      i % 2 === 0
        ? [
            {
              name: `${name}路`,
              name_en: `${NAMES_EN[i]} Rd`,
              lon: ORIGIN[0] + (centres[i]?.[0] ?? 0),
              lat: ORIGIN[1] + (centres[i]?.[1] ?? 0) + 0.008,
            },
          ]
        : [],
    ),
  }
  const columns: Record<string, Column> = {
    pipe_segments: Float32Array.from(segments),
    pipe_segment_pipe: Uint32Array.from(owner),
    pipe_diameter: Float32Array.from(diameter),
    pipe_tier: Uint8Array.from(tier),
    pipe_zone: Uint16Array.from(pipeZone),
    valve_xy: Float32Array.from(valveXy),
    valve_remote: Uint8Array.from(remote),
    valve_pipe: Uint32Array.from(valvePipe),
    rtu_xy: Float32Array.from(rtuXy),
    meter_xy: Float32Array.from(meterXy),
    station_xy: Float32Array.from(stationXy),
    meter_number: numbers,
    meter_zone: Uint16Array.from(meterZone),
    meter_class: Uint8Array.from(meterZone, (_, i) => (i % 97 === 0 ? 2 : i % 13 === 0 ? 1 : 0)),
    zone_ring_xy: Float32Array.from(rings),
    zone_ring_start: Uint32Array.from(ringStart),
    street_xy: Float32Array.from(streets),
    street_class: Uint8Array.from(streetClass),
    water_xy: Float32Array.from(river),
    water_start: Uint32Array.of(0, river.length / 2),
  }
  const pairs = (xy: readonly number[]) =>
    Array.from(
      { length: xy.length / 2 },
      (_, i) => [ORIGIN[0] + (xy[2 * i] ?? 0), ORIGIN[1] + (xy[2 * i + 1] ?? 0)] as const,
    )
  return {
    body: new Uint8Array(encodeColumns(columns, meta)),
    meta,
    bounds: [
      ORIGIN[0] - width / 2 - 0.004,
      ORIGIN[1] - height / 2 - 0.004,
      ORIGIN[0] + width / 2 + 0.004,
      ORIGIN[1] + height / 2 + 0.004,
    ],
    counts: {
      meters: numbers.length,
      pipes: pipeIds.length,
      valves: valvePipe.length,
      rtus: rtuZone.length,
      zones: 12,
    },
    meterNumbers: numbers,
    meterZone: Uint16Array.from(meterZone),
    pipeZone: Uint16Array.from(pipeZone),
    zoneCentre: pairs(centres.flat()),
    rtuPlace: pairs(rtuXy),
    valvePlace: pairs(valveXy),
    rtuZone,
    valveZone,
    remote: Uint8Array.from(remote),
  }
}

function riverOf(): number[] {
  const bank = (side: number) =>
    Array.from({ length: 41 }, (_, i) => {
      const x = -0.1 + i * 0.005
      return [x, -0.012 + 0.011 * Math.sin(x * 60) + side * (0.0022 + 0.0008 * Math.sin(x * 140))] as const
    })
  return [...bank(1), ...bank(-1).reverse()].flat()
}
