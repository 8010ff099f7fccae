import { type Column, decodeColumns, type GeometryMeta } from '@gastwin/server/contract'
import type { LayerSizes } from '../live/mirror.ts'

/** Everything on the map that does not move. Positions are Float32 pairs of degrees, offset from `meta.origin`. */
export interface MapGeometry {
  readonly meta: GeometryMeta
  readonly sizes: LayerSizes
  readonly pipes: {
    /** 4 numbers per segment: from x,y to x,y. */
    readonly segments: Float32Array
    /** Pipe number per segment. */
    readonly segmentPipe: Uint32Array
    /** m */
    readonly diameter: Float32Array
    /** 0 low, 1 medium, 2 high. */
    readonly tier: Uint8Array
    readonly zone: Uint16Array
  }
  readonly valves: { readonly xy: Float32Array; readonly remote: Uint8Array; readonly pipe: Uint32Array }
  readonly rtus: { readonly xy: Float32Array }
  readonly stations: { readonly xy: Float32Array }
  readonly meters: {
    readonly xy: Float32Array
    readonly number: Float64Array
    readonly zone: Uint16Array
    readonly class: Uint8Array
  }
  readonly zones: { readonly xy: Float32Array; readonly start: Uint32Array }
  readonly streets: { readonly xy: Float32Array; readonly class: Uint8Array }
  readonly water: { readonly xy: Float32Array; readonly start: Uint32Array }
  readonly pipeNumber: ReadonlyMap<string, number>
  readonly valveNumber: ReadonlyMap<string, number>
  readonly rtuNumber: ReadonlyMap<string, number>
  readonly zoneNumber: ReadonlyMap<string, number>
  readonly stationNumber: ReadonlyMap<string, number>
}

/** @throws RangeError when the body is not GMC1 or a column is missing or of another kind */
export function readGeometry(body: ArrayBuffer): MapGeometry {
  const { columns, meta: anyMeta } = decodeColumns(body)
  const meta = anyMeta as GeometryMeta
  const f32 = (name: string) => column(columns, name, Float32Array)
  const u32 = (name: string) => column(columns, name, Uint32Array)
  const u16 = (name: string) => column(columns, name, Uint16Array)
  const u8 = (name: string) => column(columns, name, Uint8Array)
  const geometry = {
    meta,
    pipes: {
      segments: f32('pipe_segments'),
      segmentPipe: u32('pipe_segment_pipe'),
      diameter: f32('pipe_diameter'),
      tier: u8('pipe_tier'),
      zone: u16('pipe_zone'),
    },
    valves: { xy: f32('valve_xy'), remote: u8('valve_remote'), pipe: u32('valve_pipe') },
    rtus: { xy: f32('rtu_xy') },
    stations: { xy: f32('station_xy') },
    meters: {
      xy: f32('meter_xy'),
      number: column(columns, 'meter_number', Float64Array),
      zone: u16('meter_zone'),
      class: u8('meter_class'),
    },
    zones: { xy: f32('zone_ring_xy'), start: u32('zone_ring_start') },
    streets: { xy: f32('street_xy'), class: u8('street_class') },
    water: { xy: f32('water_xy'), start: u32('water_start') },
    pipeNumber: numbered(meta.pipe_ids),
    valveNumber: numbered(meta.valve_ids),
    rtuNumber: numbered(meta.rtu_ids),
    zoneNumber: numbered(meta.zones.map((z) => z.id)),
    stationNumber: numbered(meta.stations.map((s) => s.id)),
  }
  const sizes = {
    meters: geometry.meters.number.length,
    pipes: meta.pipe_ids.length,
    rtus: meta.rtu_ids.length,
    zones: meta.zones.length,
    valves: meta.valve_ids.length,
  }
  return { ...geometry, sizes }
}

function column<T extends Column>(
  columns: Readonly<Record<string, Column>>,
  name: string,
  type: { new (length: number): T },
): T {
  const found = columns[name]
  if (found === undefined) return new type(0)
  if (!(found instanceof type)) throw new RangeError(`map geometry: column ${name} has another type`)
  return found
}

function numbered(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id, i) => [id, i]))
}
