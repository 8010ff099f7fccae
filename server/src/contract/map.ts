/**
 * `GET /api/v1/map/geometry` → GMC1, immutable per snapshot id (ETag). Positions are Float32 XY pairs in degrees, offset from
 * `meta.origin`. Objects of a layer are numbered 0…n−1 in Morton order; GMD1 frames and state columns use these numbers.
 *
 * | column | type | content |
 * |---|---|---|
 * | `pipe_segments` | f32 | 4 per segment: from x,y to x,y |
 * | `pipe_segment_pipe` | u32 | per segment: pipe number |
 * | `pipe_diameter` | f32 | per pipe, m |
 * | `pipe_tier` | u8 | per pipe: 0 low, 1 medium, 2 high |
 * | `pipe_zone` | u16 | per pipe: zone number, 65535 none |
 * | `valve_xy`, `rtu_xy`, `meter_xy`, `station_xy` | f32 | 2 per object |
 * | `valve_remote` | u8 | 1 remote, 0 manual |
 * | `valve_pipe` | u32 | a pipe next to the valve (for the plan's shape) |
 * | `meter_number` | f64 | device numbers |
 * | `meter_zone` | u16 | |
 * | `meter_class` | u8 | 0 residential, 1 commercial, 2 industrial |
 * | `zone_ring_xy`, `zone_ring_start` | f32, u32 | outline points; start index per zone, plus the end |
 * | `street_xy`, `street_class` | f32, u8 | 4 per segment; 0 arterial, 1 collector, 2 local |
 * | `water_xy`, `water_start` | f32, u32 | polygons, as zones |
 */
export interface GeometryMeta {
  readonly snapshot: number
  readonly origin: readonly [lon: number, lat: number]
  /** Meters that are not among the columns, because they are too many to draw one by one. */
  readonly meters_left_out?: number
  readonly pipe_ids: readonly string[]
  readonly valve_ids: readonly string[]
  readonly rtu_ids: readonly string[]
  readonly zones: readonly {
    readonly id: string
    readonly name: string
    /** Where gas enters (+1) or leaves (−1) the zone through a metered edge. */
    readonly inlets?: readonly {
      readonly edge: string
      readonly sign: 1 | -1
      readonly lon: number
      readonly lat: number
    }[]
  }[]
  readonly stations: readonly { readonly id: string; readonly kind: 'gate_station' | 'regulator_station' }[]
  readonly places: readonly {
    readonly name: string
    readonly name_en: string
    readonly lon: number
    readonly lat: number
  }[]
}

/**
 * `GET /api/v1/map/state` → GMC1: per layer `NAME_state` (u8) and for pipes, rtus, zones `NAME_value` (f32, NaN = none:
 * pressure Pa absolute, pressure Pa absolute, gap rate). Shared, made at most once a second.
 */
export interface StateMeta {
  readonly snapshot: number
  /** Sequence number per layer that these columns include. */
  readonly seq: Readonly<Record<'meters' | 'pipes' | 'rtus' | 'zones' | 'valves', number>>
  readonly now: number
}
