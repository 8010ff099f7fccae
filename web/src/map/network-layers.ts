import type { Layer, LayerExtension } from '@deck.gl/core'
import { LineLayer, ScatterplotLayer, SolidPolygonLayer } from '@deck.gl/layers'
import type { Buffer } from '@luma.gl/core'
import { BLIND_FROM } from '../estimate/pipe-scales.ts'
import type { MapMirror } from '../live/mirror.ts'
import type { Selection } from '../state/selection.ts'
import type { MapGeometry } from './geometry.ts'
import { GlowLine } from './glow-line.ts'
import type { MapFocus, MapSuspect } from './map-scene.ts'
import type { MeterCell } from './meter-cells.ts'
import type { NetworkBuffers } from './network-buffers.ts'
import {
  GATE_LOOKS,
  INK,
  MANUAL_VALVE_LOOKS,
  METER_LOOKS,
  PIPE_LOOKS,
  RAMPS,
  REGULATOR_LOOKS,
  REMOTE_VALVE_LOOKS,
  RTU_LOOKS,
  rgba,
  ZONE_FILLS,
} from './palette.ts'
import type { PipeMode } from './pipe-mode.ts'
import { ShadeLine } from './shade-line.ts'
import { StateLine } from './state-line.ts'
import { StateSymbol } from './state-symbol.ts'

/** From which zoom on a kind is drawn; the legend follows the same numbers. */
export const ZOOM = { meters: 13, localStreets: 13.2, remoteValves: 11.5, valves: 13, rtus: 0 } as const

const LINES: Readonly<Record<PipeMode, readonly LayerExtension[]>> = {
  state: [new StateLine({ looks: PIPE_LOOKS })],
  pressure: [new ShadeLine({ ramp: RAMPS.pressure.map((c) => rgba(c)), widths: [1.5, 1.5] })],
  flow: [new ShadeLine({ ramp: RAMPS.flow.map((c) => rgba(c)), widths: [0.6, 3] })],
  blind: [new ShadeLine({ ramp: RAMPS.blind.map((c) => rgba(c)), widths: [1, 1.9], dashFrom: BLIND_FROM })],
}
const GLOW: readonly LayerExtension[] = [new GlowLine()]
const PLAN_LINES: readonly LayerExtension[] = [
  new StateLine({ looks: Array(8).fill({ color: rgba(INK.plan), width: 1, dash: 9 }) }),
]
const VALVES: readonly LayerExtension[] = [new StateSymbol({ looks: [MANUAL_VALVE_LOOKS, REMOTE_VALVE_LOOKS] })]
const RTUS: readonly LayerExtension[] = [new StateSymbol({ looks: [RTU_LOOKS] })]
const METERS: readonly LayerExtension[] = [new StateSymbol({ looks: [METER_LOOKS] })]
const STATIONS: readonly LayerExtension[] = [new StateSymbol({ looks: [GATE_LOOKS, REGULATOR_LOOKS] })]

export interface LayerView {
  readonly zoom: number
  readonly cells: readonly MeterCell[]
  readonly selection: Selection | null
  /** Pipe numbers of the plan that is shown; zone fills and meters step back while there is one. */
  readonly plan: readonly number[] | undefined
  /** Version of the zone states, so that fills are made again only when they change. */
  readonly zonesVersion: number
  /** Zone fills step back while pipes carry a scale. */
  readonly mode: PipeMode
  /** Probability of a leak by pipe number; the same map as long as nothing changed. */
  readonly heat: ReadonlyMap<number, number>
  /** The map of one zone: its outline and its suspects. */
  readonly focus: MapFocus | undefined
}

/** Makes the layer list for what is seen at the moment; cheap, because every layer shares buffers and data objects. */
export class NetworkLayers {
  readonly #geometry: MapGeometry
  readonly #buffers: NetworkBuffers
  readonly #mirror: MapMirror
  readonly #rings: readonly { readonly zone: number; readonly ring: Float32Array }[]
  readonly #water: readonly Float32Array[]
  readonly #zoneLines: Float32Array
  readonly #attributes = new Map<string, unknown>()
  #fills: { readonly version: number; readonly data: readonly { ring: Float32Array; color: readonly number[] }[] } = {
    version: -1,
    data: [],
  }
  #glow: { readonly heat: ReadonlyMap<number, number>; readonly length: number; readonly data: unknown } | undefined

  constructor(geometry: MapGeometry, buffers: NetworkBuffers, mirror: MapMirror) {
    this.#geometry = geometry
    this.#buffers = buffers
    this.#mirror = mirror
    this.#rings = geometry.meta.zones.map((_, zone) => ({
      zone,
      ring: ringOf(geometry.zones.xy, geometry.zones.start, zone),
    }))
    this.#water = Array.from({ length: Math.max(0, geometry.water.start.length - 1) }, (_, i) =>
      ringOf(geometry.water.xy, geometry.water.start, i),
    )
    this.#zoneLines = Float32Array.from(this.#rings.flatMap(({ ring }) => [...edgesOf(ring)]))
  }

  list(view: LayerView): Layer[] {
    return [
      ...this.#ground(view),
      ...this.#zones(view),
      ...this.#pipes(view),
      ...this.#points(view),
      ...this.#suspects(view),
    ]
  }

  get #place() {
    const [lon, lat] = this.#geometry.meta.origin
    return {
      coordinateSystem: 'lnglat-offsets' as const,
      coordinateOrigin: [lon, lat, 0] as [number, number, number],
      positionFormat: 'XY' as const,
      pickable: false,
      parameters: { depthCompare: 'always' as const, depthWriteEnabled: false },
    }
  }

  #ground({ zoom }: LayerView): Layer[] {
    const streets = this.#buffers.streets.map(
      ({ class: kind, length, positions }) =>
        new LineLayer({
          ...this.#place,
          id: `streets-${kind}-line`,
          visible: kind < 2 || zoom >= ZOOM.localStreets,
          data: this.#segments(`streets-${kind}`, length, positions) as never,
          getColor: [...rgba(kind === 0 ? INK.streetMajor : INK.street)],
          getWidth: kind === 0 ? 2.4 : kind === 1 ? 1.6 : 1,
          widthScale: grow(zoom, 13, 1.35),
          widthMaxPixels: 14,
        }),
    )
    const water = new SolidPolygonLayer({
      ...this.#place,
      id: 'water-polygon',
      data: this.#water,
      getPolygon: (ring: Float32Array) => ring,
      _normalize: true,
      getFillColor: [...rgba(INK.water)],
    })
    return [water, ...streets]
  }

  #zones({ plan, selection, zonesVersion, mode, focus }: LayerView): Layer[] {
    if (this.#fills.version !== zonesVersion) {
      const states = this.#mirror.states('zones')
      this.#fills = {
        version: zonesVersion,
        data: this.#rings
          .map(({ zone, ring }) => ({ ring, color: ZONE_FILLS[states[zone] ?? 0] ?? [0, 0, 0, 0] }))
          .filter(({ color }) => (color[3] ?? 0) > 0),
      }
    }
    const shown = focus?.zone ?? (selection?.kind === 'zone' ? selection.id : undefined)
    const chosen = shown === undefined ? undefined : this.#geometry.zoneNumber.get(shown)
    const ring = chosen === undefined ? undefined : this.#rings[chosen]?.ring
    return [
      new SolidPolygonLayer({
        ...this.#place,
        id: 'zone-fill-polygon',
        // Fills tell of yesterday; the map of a zone tells of the period that is looked at.
        visible: plan === undefined && mode === 'state' && focus === undefined,
        data: this.#fills.data,
        getPolygon: (d: { ring: Float32Array }) => d.ring,
        getFillColor: (d: { color: readonly number[] }) => d.color as [number, number, number, number],
      }),
      this.#lines('zone-outline-line', this.#zoneLines, [...rgba(INK.zoneLine, 150)], 1),
      ...(ring === undefined ? [] : [this.#lines(`zone-chosen-line`, edgesOf(ring), [...rgba(INK.selection)], 2.5)]),
    ]
  }

  #pipes({ zoom, selection, plan, mode, heat }: LayerView): Layer[] {
    const chosen = selection?.kind === 'pipe' ? this.#geometry.pipeNumber.get(selection.id) : undefined
    const casing = chosen === undefined ? new Float32Array(0) : this.#segmentsOf([chosen])
    const isolated = plan === undefined ? new Float32Array(0) : this.#segmentsOf(plan)
    return [
      ...this.#leaks(heat, zoom),
      ...(casing.length === 0 ? [] : [this.#lines('pipe-chosen-line', casing, [...rgba(INK.selection, 235)], 9)]),
      ...this.#buffers.pipes.map(
        (tier) =>
          new LineLayer({
            ...this.#place,
            id: `pipes-${tier.tier}-${mode}-line`,
            data: this.#segments(`pipes-${tier.tier}-${mode}`, tier.length, tier.positions, {
              getWidth: { buffer: tier.widths, size: 1, type: 'float32' },
              getState: { buffer: tier.states, size: 1, type: 'unorm8', stride: 1, offset: 0 },
              ...(mode === 'state'
                ? {}
                : { getShade: { buffer: tier.shades, size: 1, type: 'unorm8', stride: 1, offset: 0 } }),
            }) as never,
            opacity: tier.tier === 0 && mode === 'state' ? Math.min(1, Math.max(0.45, (zoom - 10.5) / 2.5)) : 1,
            widthScale: grow(zoom, 13.5, 1.28) * (tier.tier === 0 && zoom < 13 ? 0.75 : 1),
            widthMinPixels: tier.tier === 0 ? 0.6 : 1.2,
            widthMaxPixels: 12,
            extensions: [...LINES[mode]],
          }),
      ),
      ...(isolated.length === 0
        ? []
        : [
            this.#lines('plan-ground-line', isolated, [...rgba(INK.planGround)], 9),
            this.#lines('plan-hatch-line', isolated, [...rgba(INK.plan)], 5, PLAN_LINES),
          ]),
    ]
  }

  /** Under the pipes: wide and bright where a leak is probable. */
  #leaks(heat: ReadonlyMap<number, number>, zoom: number): Layer[] {
    if (this.#glow?.heat !== heat) this.#glow = { heat, ...this.#glowOf(heat) }
    const { length, data } = this.#glow
    if (length === 0) return []
    return [
      new LineLayer({
        ...this.#place,
        id: 'leak-glow-line',
        data: data as never,
        widthScale: grow(zoom, 13.5, 1.2),
        widthMinPixels: 10,
        widthMaxPixels: 64,
        extensions: [...GLOW],
      }),
    ]
  }

  #glowOf(heat: ReadonlyMap<number, number>): { length: number; data: unknown } {
    const { segments, segmentPipe } = this.#geometry.pipes
    const xy: number[] = []
    const widths: number[] = []
    const colors: number[] = []
    const [r, g, b] = rgba(INK.leak)
    for (let s = 0; heat.size > 0 && s < segmentPipe.length; s++) {
      const probability = heat.get(segmentPipe[s] as number)
      if (probability === undefined) continue
      const share = Math.sqrt(probability)
      xy.push(...segments.subarray(4 * s, 4 * s + 4))
      widths.push(12 + 26 * share)
      colors.push(r, g, b, Math.round(70 + 185 * share))
    }
    const positions = Float32Array.from(xy)
    const attributes = {
      getSourcePosition: { value: positions, size: 2, stride: 16, offset: 0 },
      getTargetPosition: { value: positions, size: 2, stride: 16, offset: 8 },
      getWidth: { value: Float32Array.from(widths), size: 1 },
      getColor: { value: Uint8Array.from(colors), size: 4, normalized: true },
    }
    return { length: widths.length, data: { length: widths.length, attributes } }
  }

  /** A ring around each suspect: also where its number found no room. */
  #suspects({ focus }: LayerView): Layer[] {
    if (focus === undefined || focus.suspects.length === 0) return []
    const [lon, lat] = this.#geometry.meta.origin
    return [
      new ScatterplotLayer({
        ...this.#place,
        id: 'suspects-scatterplot',
        data: focus.suspects,
        getPosition: (s: MapSuspect) => [s.lon - lon, s.lat - lat],
        billboard: true,
        filled: false,
        stroked: true,
        radiusUnits: 'pixels',
        getRadius: 8,
        lineWidthUnits: 'pixels',
        getLineWidth: 1.5,
        getLineColor: [...rgba(INK.abnormal)],
      }),
    ]
  }

  #points({ zoom, cells, selection, plan }: LayerView): Layer[] {
    const { meters, rtus, valves, stations } = this.#buffers
    const { sizes, meta } = this.#geometry
    const layers: Layer[] = cells.map((cell) =>
      this.#symbols(`meters-${cell.from}`, cell.length, meters, METERS, {
        radius: grow(zoom, 15, 1.45) * 3.4,
        visible: zoom >= ZOOM.meters && plan === undefined,
        from: cell.from,
      }),
    )
    layers.push(
      this.#symbols('valves', sizes.valves, valves, VALVES, {
        radius: Math.min(10, Math.max(5, 5 + (zoom - 13) * 1.5)),
        visible: zoom >= ZOOM.valves || (plan !== undefined && zoom >= ZOOM.remoteValves),
      }),
      this.#symbols('stations', meta.stations.length, stations, STATIONS, { radius: zoom < 12 ? 6 : 8, visible: true }),
      this.#symbols('rtus', sizes.rtus, rtus, RTUS, {
        radius: Math.min(8, Math.max(4.5, 4.5 + (zoom - 12) * 1.2)),
        visible: true,
      }),
    )
    const place = this.placeOf(selection)
    if (place !== undefined && selection?.kind !== 'zone' && selection?.kind !== 'pipe')
      layers.push(
        new ScatterplotLayer({
          ...this.#place,
          id: 'chosen-point-scatterplot',
          data: [place],
          getPosition: (p: readonly [number, number]) => [p[0], p[1]],
          billboard: true,
          filled: false,
          stroked: true,
          radiusUnits: 'pixels',
          getRadius: 13,
          lineWidthUnits: 'pixels',
          getLineWidth: 2.5,
          getLineColor: [...rgba(INK.selection)],
        }),
      )
    return layers
  }

  /** Where a selected thing lies, degrees from the origin; the middle of a pipe or zone is not a point and gives undefined. */
  placeOf(selection: Selection | null): readonly [number, number] | undefined {
    if (selection === null) return undefined
    const { rtuNumber, valveNumber, stationNumber, rtus, valves, stations, meters } = this.#geometry
    const pair = (xy: Float32Array, i: number | undefined) =>
      i === undefined || i < 0 ? undefined : ([xy[2 * i] as number, xy[2 * i + 1] as number] as const)
    switch (selection.kind) {
      case 'rtu':
        return pair(rtus.xy, rtuNumber.get(selection.id))
      case 'valve':
        return pair(valves.xy, valveNumber.get(selection.id))
      case 'station':
        return pair(stations.xy, stationNumber.get(selection.id))
      case 'meter':
        return pair(meters.xy, meters.number.indexOf(Number(selection.id)))
      default:
        return undefined
    }
  }

  #segmentsOf(pipes: readonly number[]): Float32Array {
    const wanted = new Set(pipes)
    const { segments, segmentPipe } = this.#geometry.pipes
    const out: number[] = []
    for (let s = 0; s < segmentPipe.length; s++)
      if (wanted.has(segmentPipe[s] as number)) out.push(...segments.subarray(4 * s, 4 * s + 4))
    return Float32Array.from(out)
  }

  #lines(
    id: string,
    segments: Float32Array,
    color: number[],
    width: number,
    extensions: readonly LayerExtension[] = [],
  ) {
    return new LineLayer({
      ...this.#place,
      id,
      data: {
        length: segments.length / 4,
        attributes: {
          getSourcePosition: { value: segments, size: 2, stride: 16, offset: 0 },
          getTargetPosition: { value: segments, size: 2, stride: 16, offset: 8 },
        },
      } as never,
      getColor: color as [number, number, number, number],
      getWidth: width,
      extensions: [...extensions],
    })
  }

  /** The same object for the same buffers each time: the layer sees that nothing changed. */
  #segments(key: string, length: number, positions: Buffer, more: object = {}): unknown {
    let data = this.#attributes.get(key)
    if (data === undefined) {
      data = {
        length,
        attributes: {
          getSourcePosition: { buffer: positions, size: 2, type: 'float32', stride: 16, offset: 0 },
          getTargetPosition: { buffer: positions, size: 2, type: 'float32', stride: 16, offset: 8 },
          ...more,
        },
      }
      this.#attributes.set(key, data)
    }
    return data
  }

  #symbols(
    key: string,
    length: number,
    buffers: { readonly positions: Buffer; readonly states: Buffer; readonly kinds?: Buffer },
    extensions: readonly LayerExtension[],
    { radius, visible, from = 0 }: { radius: number; visible: boolean; from?: number },
  ): Layer {
    let data = this.#attributes.get(key)
    if (data === undefined) {
      data = {
        length,
        attributes: {
          getPosition: { buffer: buffers.positions, size: 2, type: 'float32', stride: 8, offset: from * 8 },
          getState: { buffer: buffers.states, size: 1, type: 'unorm8', stride: 1, offset: from },
          ...(buffers.kinds === undefined
            ? {}
            : { getKind: { buffer: buffers.kinds, size: 1, type: 'unorm8', stride: 1, offset: from } }),
        },
      }
      this.#attributes.set(key, data)
    }
    return new ScatterplotLayer({
      ...this.#place,
      id: `${key}-symbol`,
      data: data as never,
      visible,
      billboard: true,
      antialiasing: true,
      radiusUnits: 'pixels',
      getRadius: 1,
      radiusScale: radius,
      extensions: [...extensions],
    })
  }
}

/** Widths grow slower than the ground does when zooming in. */
function grow(zoom: number, from: number, factor: number): number {
  return factor ** Math.max(-1.5, Math.min(5, Math.round((zoom - from) * 4) / 4))
}

function ringOf(xy: Float32Array, start: Uint32Array, ring: number): Float32Array {
  return xy.subarray(2 * (start[ring] ?? 0), 2 * (start[ring + 1] ?? 0))
}

function edgesOf(ring: Float32Array): Float32Array {
  const n = ring.length / 2
  const out = new Float32Array(n * 4)
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n
    out.set([ring[2 * i] ?? 0, ring[2 * i + 1] ?? 0, ring[2 * j] ?? 0, ring[2 * j + 1] ?? 0], 4 * i)
  }
  return out
}
