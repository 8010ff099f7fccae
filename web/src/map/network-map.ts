import { Deck, FlyToInterpolator, MapView, WebMercatorViewport } from '@deck.gl/core'
import type { LayerName } from '@gastwin/server/contract'
import type { MapPlace } from '../app/address.ts'
import type { MapMirror } from '../live/mirror.ts'
import type { Selection } from '../state/selection.ts'
import type { MapGeometry } from './geometry.ts'
import { HitFinder } from './hit-finder.ts'
import { chooseLabels, type LabelWords } from './map-labels.ts'
import { MapOverlay } from './map-overlay.ts'
import type { MapAlarm, MapFocus, MapHint, MapPlan } from './map-scene.ts'
import { cellsInView, cutMeterCells, type MeterCell } from './meter-cells.ts'
import { createNetworkBuffers, type NetworkBuffers } from './network-buffers.ts'
import { NetworkLayers, ZOOM } from './network-layers.ts'
import type { PipeMode } from './pipe-mode.ts'
import { type MarkerPoint, placeMarkers } from './place-markers.ts'

/** States reach the screen at most this often; more is of no use to a person. */
const TICK_MS = 200
const FLIGHT_MS = 600
const CLICK_TOLERANCE_PX = 8
const METRES_PER_DEGREE = 111_320

export interface NetworkMapOptions {
  readonly parent: HTMLDivElement
  readonly geometry: MapGeometry
  readonly mirror: MapMirror
  /** west, south, east, north */
  readonly bounds: readonly [number, number, number, number]
  readonly place: MapPlace | undefined
  readonly onSelect: (selection: Selection | null) => void
  readonly onHover: (hit: Selection | null, x: number, y: number) => void
  readonly onAlarm: (id: string) => void
  readonly onMeter: (id: string) => void
  /** After each move: what is shown, and metres per pixel in the middle. */
  readonly onMoved: (place: MapPlace, metresPerPixel: number) => void
  readonly onLost: () => void
  readonly printDistance: (metres: number) => string
  readonly words: () => LabelWords
}

interface ViewState {
  longitude: number
  latitude: number
  zoom: number
}

export interface MapCounters {
  readonly ticks: number
  readonly tickMs: number
  readonly uploadedBytes: number
  readonly layers: number
  readonly meters: number
}

/** The map: one Deck, not a React tree. States flow from the mirror to the graphics card without any view being rendered. */
export class NetworkMap {
  readonly #options: NetworkMapOptions
  readonly #deck: Deck<MapView>
  readonly #overlay: MapOverlay
  readonly #cells: readonly MeterCell[]
  readonly #hits: HitFinder
  #buffers: NetworkBuffers | undefined
  #layers: NetworkLayers | undefined
  #view: ViewState
  #selection: Selection | null = null
  #plan: MapPlan | undefined
  #alarms: ReadonlyMap<string, MapAlarm> = new Map()
  #mode: PipeMode = 'state'
  #shades: Uint8Array | undefined
  #heat: ReadonlyMap<number, number> = new Map()
  #hints: readonly MapHint[] = []
  #focus: MapFocus | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #frame = 0
  #seenCells: readonly MeterCell[] = []
  #counters = { ticks: 0, tickMs: 0 }
  #down: { x: number; y: number } | undefined
  #finished = false
  #drawing = false

  constructor(options: NetworkMapOptions) {
    this.#options = options
    const { parent, geometry, place } = options
    this.#cells = cutMeterCells(geometry.meters.xy)
    this.#hits = new HitFinder(geometry)
    this.#overlay = new MapOverlay(parent, options.onAlarm, options.onMeter)
    this.#view = place === undefined ? this.#whole() : { longitude: place.lon, latitude: place.lat, zoom: place.zoom }
    this.#deck = new Deck<MapView>({
      parent,
      deviceProps: { type: 'webgl' },
      views: new MapView({
        repeat: false,
        controller: { dragRotate: false, touchRotate: false, keyboard: { moveSpeed: 120 }, inertia: 200 },
      }),
      initialViewState: { ...this.#view, minZoom: 9, maxZoom: 19 },
      onDeviceInitialized: (device) => {
        if (this.#finished) return
        this.#buffers = createNetworkBuffers(device, geometry, options.mirror)
        this.#layers = new NetworkLayers(geometry, this.#buffers, options.mirror)
        if (this.#shades !== undefined) this.#buffers.uploadShades(this.#shades)
        this.#refresh()
        this.#timer = setInterval(() => this.#tick(), TICK_MS)
      },
      onViewStateChange: ({ viewState }) => {
        const { longitude, latitude, zoom } = viewState as ViewState
        this.#view = { longitude, latitude, zoom }
        options.onHover(null, 0, 0)
        this.#refresh()
      },
      onResize: () => this.#refresh(),
      onError: (error) => {
        console.error(error)
        if (this.#buffers === undefined) options.onLost()
      },
      getCursor: ({ isDragging }) => (isDragging ? 'grabbing' : 'crosshair'),
    })
    parent.addEventListener('pointermove', this.#pointerMove)
    parent.addEventListener('pointerleave', this.#pointerLeave)
    parent.addEventListener('pointerdown', this.#pointerDown)
    parent.addEventListener('pointerup', this.#pointerUp)
    parent.addEventListener('webglcontextlost', this.#contextLost, true)
  }

  get counters(): MapCounters {
    return {
      ...this.#counters,
      uploadedBytes: this.#buffers?.uploadedBytes() ?? 0,
      layers: this.#deck.props.layers?.length ?? 0,
      meters: this.#seenCells.reduce((sum, c) => sum + c.length, 0),
    }
  }

  setSelection(selection: Selection | null): void {
    this.#selection = selection
    this.#refresh()
  }

  setPlan(plan: MapPlan | undefined): void {
    this.#plan = plan
    this.#refresh()
  }

  setAlarms(alarms: readonly MapAlarm[]): void {
    this.#alarms = new Map(alarms.map((a) => [a.id, a]))
    this.#refresh()
  }

  /** @param shades one byte per pipe; undefined keeps what is on the card, for the mode that shows states */
  setMode(mode: PipeMode, shades: Uint8Array | undefined): void {
    this.#mode = mode
    this.#shades = shades
    if (shades !== undefined) this.#buffers?.uploadShades(shades)
    this.#refresh()
  }

  /** @param heat probability of a leak by pipe number */
  setHeat(heat: ReadonlyMap<number, number>): void {
    this.#heat = heat
    this.#refresh()
  }

  setHints(hints: readonly MapHint[]): void {
    this.#hints = hints
    this.#refresh()
  }

  setFocus(focus: MapFocus | undefined): void {
    this.#focus = focus
    this.#refresh()
  }

  /** Brings the whole of a zone into view. */
  showZone(zone: string): void {
    const box = this.#hits.boxOf({ kind: 'zone', id: zone })
    if (box !== undefined) this.#go(this.#fit(box, 36), FLIGHT_MS)
  }

  /** Words or figures on the map changed. */
  refreshLabels(): void {
    this.#refresh()
  }

  zoomBy(steps: number): void {
    this.#go({ ...this.#view, zoom: Math.max(9, Math.min(19, this.#view.zoom + steps)) }, 200)
  }

  showWhole(): void {
    this.#go(this.#whole(), FLIGHT_MS)
  }

  /** Shows what a link shows. */
  jumpTo({ lon, lat, zoom }: MapPlace): void {
    this.#go({ longitude: lon, latitude: lat, zoom }, FLIGHT_MS)
  }

  /** Brings a place into the middle, near enough to see it. */
  show(lon: number, lat: number, leastZoom = 14): void {
    this.#go({ longitude: lon, latitude: lat, zoom: Math.max(this.#view.zoom, leastZoom) }, FLIGHT_MS)
  }

  /** Brings a box (degrees) into view with some room around it. */
  showBox(west: number, south: number, east: number, north: number): void {
    this.#go(this.#fit([west, south, east, north], 90), FLIGHT_MS)
  }

  showSelection(): void {
    const box = this.#hits.boxOf(this.#selection)
    if (box === undefined) return
    const [west, south, east, north] = box
    if (west === east && south === north)
      this.show(west, south, this.#selection?.kind === 'meter' && this.#focus === undefined ? 16 : 14)
    else this.showBox(west, south, east, north)
  }

  /** The whole of the plan: its pipes and its valves. */
  showPlan(): void {
    this.showPipes(this.#plan?.pipes ?? [], this.#plan?.valves ?? [])
  }

  /** Brings pipes, by number, and points into view. */
  showPipes(pipes: readonly number[], points: readonly { readonly lon: number; readonly lat: number }[] = []): void {
    const ids = this.#options.geometry.meta.pipe_ids
    const boxes = [
      ...pipes.map((p) => this.#hits.boxOf({ kind: 'pipe', id: ids[p] ?? '' })),
      ...points.map(({ lon, lat }) => [lon, lat, lon, lat] as const),
    ].filter((box) => box !== undefined)
    if (boxes.length === 0) return
    const edge = (i: 0 | 1 | 2 | 3, pick: (...n: number[]) => number) => pick(...boxes.map((b) => b[i]))
    this.showBox(edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max))
  }

  isInView(lon: number | null, lat: number | null): boolean {
    if (lon === null || lat === null) return true
    const viewport = this.#viewport()
    const [x = 0, y = 0] = viewport.project([lon, lat])
    return x > 0 && y > 0 && x < viewport.width && y < viewport.height
  }

  destroy(): void {
    this.#finished = true
    clearInterval(this.#timer)
    cancelAnimationFrame(this.#frame)
    const { parent } = this.#options
    parent.removeEventListener('pointermove', this.#pointerMove)
    parent.removeEventListener('pointerleave', this.#pointerLeave)
    parent.removeEventListener('pointerdown', this.#pointerDown)
    parent.removeEventListener('pointerup', this.#pointerUp)
    parent.removeEventListener('webglcontextlost', this.#contextLost, true)
    this.#deck.finalize()
    this.#buffers?.destroy()
    this.#overlay.destroy()
  }

  #whole(): ViewState {
    return this.#fit(this.#options.bounds, 28)
  }

  #fit([west, south, east, north]: readonly [number, number, number, number], padding: number): ViewState {
    const { clientWidth, clientHeight } = this.#options.parent
    const room = Math.min(padding, clientWidth / 4, clientHeight / 4)
    const { longitude, latitude, zoom } = new WebMercatorViewport({
      width: Math.max(64, clientWidth),
      height: Math.max(64, clientHeight),
    }).fitBounds(
      [
        [west, south],
        [east, north],
      ],
      { padding: room, maxZoom: 16 },
    )
    return { longitude, latitude, zoom }
  }

  #go(view: ViewState, ms: number): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.#deck.setProps({
      initialViewState: {
        ...view,
        minZoom: 9,
        maxZoom: 19,
        ...(still ? {} : { transitionDuration: ms, transitionInterpolator: new FlyToInterpolator({ speed: 4 }) }),
      },
    })
    if (still) {
      this.#view = view
      this.#refresh()
    }
  }

  /** From the mirror to the card: no layer is made, no view rendered. */
  #tick(): void {
    const buffers = this.#buffers
    if (buffers === undefined || document.hidden) return
    const begun = performance.now()
    const written = buffers.upload(this.#options.mirror)
    if (written.length === 0) return
    if (written.includes('zones')) this.#refresh()
    else if (written.some((layer) => this.#isDrawn(layer))) this.#redraw()
    this.#counters.ticks++
    this.#counters.tickMs = performance.now() - begun
  }

  #isDrawn(layer: LayerName): boolean {
    if (layer === 'meters') return this.#seenCells.length > 0 && this.#plan === undefined
    return layer !== 'valves' || this.#view.zoom >= ZOOM.remoteValves
  }

  /** One picture at a time: a slow graphics card gets fewer of them, not a queue. */
  #redraw(): void {
    if (this.#drawing) return
    this.#drawing = true
    this.#deck.redraw('states')
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.#drawing = false
      }),
    )
  }

  #refresh(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.#draw())
  }

  #draw(): void {
    const layers = this.#layers
    if (layers === undefined || this.#finished) return
    const viewport = this.#viewport()
    const [lon0, lat0] = this.#options.geometry.meta.origin
    const [west, south, east, north] = viewport.getBounds()
    const { zoom } = this.#view
    this.#seenCells =
      zoom < ZOOM.meters ? [] : cellsInView(this.#cells, [west - lon0, south - lat0, east - lon0, north - lat0])
    this.#deck.setProps({
      layers: layers.list({
        zoom,
        cells: this.#seenCells,
        selection: this.#selection,
        plan: this.#plan?.pipes,
        zonesVersion: this.#options.mirror.version('zones'),
        mode: this.#mode,
        heat: this.#heat,
        focus: this.#focus,
      }),
    })
    this.#drawOverlay(viewport)
    const { longitude, latitude } = this.#view
    this.#options.onMoved({ lon: longitude, lat: latitude, zoom }, viewport.metersPerPixel)
  }

  #drawOverlay(viewport: WebMercatorViewport): void {
    const { longitude, latitude } = this.#view
    const points: MarkerPoint[] = []
    for (const { id, priority, unacked, lon, lat } of this.#alarms.values()) {
      const [x = 0, y = 0] = viewport.project([lon, lat])
      const east = (lon - longitude) * METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180)
      const distance = Math.hypot(east, (lat - latitude) * METRES_PER_DEGREE)
      points.push({ id, priority, unacked, x, y, distance })
    }
    const { markers, arrows } = placeMarkers(points, viewport.width, viewport.height)
    this.#overlay.showAlarms(markers, arrows, this.#alarms, this.#options.printDistance)
    this.#overlay.showLabels(
      chooseLabels({
        geometry: this.#options.geometry,
        mirror: this.#options.mirror,
        viewport,
        zoom: this.#view.zoom,
        selection: this.#selection,
        plan: this.#plan,
        figures: this.#plan === undefined && this.#mode === 'state',
        hints: this.#hints,
        focus: this.#focus,
        words: this.#options.words(),
        taken: markers.map(({ x, y }) => ({ x, y, width: 30, height: 30 })),
      }),
    )
  }

  #viewport(): WebMercatorViewport {
    const { clientWidth, clientHeight } = this.#options.parent
    return new WebMercatorViewport({
      ...this.#view,
      width: Math.max(1, clientWidth),
      height: Math.max(1, clientHeight),
    })
  }

  #hitAt(event: PointerEvent): { hit: Selection | null; x: number; y: number } {
    const box = this.#options.parent.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    const viewport = this.#viewport()
    const [lon = 0, lat = 0] = viewport.unproject([x, y])
    const reach = (viewport.metersPerPixel / METRES_PER_DEGREE) * CLICK_TOLERANCE_PX
    return { hit: this.#hits.find(lon, lat, reach, this.#view.zoom, this.#plan !== undefined), x, y }
  }

  #pointerMove = (event: PointerEvent): void => {
    if (event.buttons !== 0 || !onCanvas(event)) {
      this.#options.onHover(null, 0, 0)
      return
    }
    const { hit, x, y } = this.#hitAt(event)
    // The tip of a zone would follow the pointer everywhere: its name and figure are printed on it already.
    this.#options.onHover(hit?.kind === 'zone' ? null : hit, x, y)
  }

  #pointerLeave = (): void => this.#options.onHover(null, 0, 0)

  #pointerDown = (event: PointerEvent): void => {
    this.#down = event.button === 0 && onCanvas(event) ? { x: event.clientX, y: event.clientY } : undefined
  }

  #pointerUp = (event: PointerEvent): void => {
    const down = this.#down
    this.#down = undefined
    if (down === undefined || Math.hypot(event.clientX - down.x, event.clientY - down.y) > 5) return
    this.#options.onSelect(this.#hitAt(event).hit)
  }

  #contextLost = (): void => this.#options.onLost()
}

const onCanvas = (event: PointerEvent) => event.target instanceof HTMLCanvasElement
