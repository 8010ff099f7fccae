import { useEffect, useMemo, useRef, useState } from 'react'
import { placeOfAlarm, selectionOf } from '../alarms/alarm-target.ts'
import { alarmWords } from '../alarms/alarm-words.ts'
import { isUnacked, listOf } from '../alarms/order.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { useZoneName } from '../app/use-zones.ts'
import { ObjectTable } from '../assets/object-table.tsx'
import type { PipeScales } from '../estimate/pipe-scales.ts'
import { useScales } from '../estimate/use-shades.ts'
import { printNumber } from '../format/numbers.ts'
import { SearchBox } from '../search/search-box.tsx'
import type { Selection } from '../state/selection.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { Legend, ZoneLegend } from './legend.tsx'
import type { MapAlarm, MapFocus, MapPlan } from './map-scene.ts'
import { MapTip } from './map-tip.tsx'
import { ModeSwitch } from './mode-switch.tsx'
import { NetworkMap } from './network-map.ts'
import { ScaleBar } from './scale-bar.tsx'
import { pipesOfLeak, useMapEstimate } from './use-map-estimate.ts'

interface Hover {
  readonly hit: Selection
  readonly x: number
  readonly y: number
}

type Drawing = 'map' | 'table' | 'none' | 'lost'

interface MapPanelProps {
  /** The map of one zone; without it, of the city. */
  readonly focus?: MapFocus
}

/** Search, map (or the table of the same objects), legend. */
export function MapPanel({ focus }: MapPanelProps) {
  const t = useText()
  const { geometry } = useConsole()
  const known = useStore(geometry)
  const [drawing, setDrawing] = useState<Drawing>(() => (hasWebGl() ? 'map' : 'none'))
  const [map, setMap] = useState<NetworkMap>()
  const [metresPerPixel, setMetresPerPixel] = useState(0)
  const [zoom, setZoom] = useState(12)
  const scales = useScales()
  const restored = useRef(false)
  const lost = () => {
    // One try to get the context back; a second loss in a row is no accident.
    if (restored.current) setDrawing('lost')
    else {
      restored.current = true
      setDrawing('table')
      setTimeout(() => setDrawing('map'), 500)
    }
  }
  const showMap = drawing === 'map'
  return (
    <section className="map-panel" aria-label={t.map.region} id="map">
      <div className="map-bar">
        <SearchBox />
        {focus === undefined ? <ModeSwitch disabled={!showMap} /> : null}
        <span className="spring" />
        {showMap && focus === undefined ? <ScaleBar metresPerPixel={metresPerPixel} /> : null}
        <button
          type="button"
          disabled={!showMap}
          aria-label={t.map.zoomOut}
          title={t.map.zoomOut}
          onClick={() => map?.zoomBy(-1)}
        >
          −
        </button>
        <button
          type="button"
          disabled={!showMap}
          aria-label={t.map.zoomIn}
          title={t.map.zoomIn}
          onClick={() => map?.zoomBy(1)}
        >
          +
        </button>
        <button
          type="button"
          disabled={!showMap}
          onClick={() => (focus === undefined ? map?.showWhole() : map?.showZone(focus.zone))}
        >
          {focus === undefined ? t.map.fit : t.gap.map.zone}
        </button>
        <button
          type="button"
          aria-pressed={!showMap}
          disabled={drawing === 'none' || drawing === 'lost'}
          onClick={() => setDrawing(showMap ? 'table' : 'map')}
        >
          {t.map.table}
        </button>
      </div>
      <div className="map-stage">
        {known === undefined ? (
          <Loading what={t.frame.things.map} />
        ) : showMap ? (
          <MapCanvas
            scales={scales}
            focus={focus}
            onMap={setMap}
            onLost={lost}
            onMoved={(z, scale) => {
              setZoom(Math.round(z * 10) / 10)
              setMetresPerPixel(Number(scale.toPrecision(3)))
            }}
          />
        ) : (
          <ObjectTable
            geometry={known}
            hint={
              drawing === 'none' ? t.banners.noWebGl : drawing === 'lost' ? t.banners.webGlLost : t.assets.tableHint
            }
          />
        )}
      </div>
      {focus === undefined ? (
        <Legend zoom={zoom} scales={scales} onShow={(lon, lat) => map?.show(lon, lat, 14)} />
      ) : (
        <ZoneLegend zoom={zoom} />
      )}
    </section>
  )
}

interface MapCanvasProps {
  readonly scales: PipeScales | undefined
  readonly focus: MapFocus | undefined
  readonly onMap: (map: NetworkMap | undefined) => void
  readonly onLost: () => void
  readonly onMoved: (zoom: number, metresPerPixel: number) => void
}

/** React makes the place for the map and tells it what is chosen; it never draws a frame. */
function MapCanvas(props: MapCanvasProps) {
  const t = useText()
  const model = useConsole()
  const parent = useRef<HTMLDivElement>(null)
  const map = useRef<NetworkMap | undefined>(undefined)
  const [hover, setHover] = useState<Hover>()
  const geometry = useStore(model.geometry)
  const latest = useRef({ props, t, language: model.language.get() })
  latest.current = { props, t, language: model.language.get() }
  useEffect(() => {
    const mirror = model.mirror()
    const city = model.city.get()
    if (geometry === undefined || mirror === undefined || city === undefined || parent.current === null) return
    const made = new NetworkMap({
      parent: parent.current,
      geometry,
      mirror,
      bounds: city.bounds,
      place: model.place.get(),
      onSelect: (hit) => {
        model.selection.select(hit)
        if (hit !== null) model.detailTab.set('asset')
      },
      onHover: (hit, x, y) => setHover(hit === null ? undefined : { hit, x, y }),
      onAlarm: (id) => {
        const alarm = model.alarms.get()?.get(id)
        if (alarm === undefined) return
        const away = map.current?.isInView(alarm.lon, alarm.lat) === false
        model.selection.select(selectionOf(alarm), { fly: away })
        model.detailTab.set('asset')
      },
      onMeter: (id) => {
        model.selection.select({ kind: 'meter', id })
        model.detailTab.set('asset')
      },
      onMoved: (place, metresPerPixel) => {
        model.place.set(place)
        latest.current.props.onMoved(place.zoom, metresPerPixel)
      },
      onLost: () => latest.current.props.onLost(),
      printDistance: (metres) =>
        metres < 950 ? `${printNumber(Math.round(metres / 50) * 50)} m` : `${printNumber(metres / 1000, 1)} km`,
      words: () => ({
        language: latest.current.language,
        noData: latest.current.t.map.noData,
        inlet: latest.current.t.gap.map.inlet,
        outlet: latest.current.t.gap.map.outlet,
      }),
    })
    map.current = made
    latest.current.props.onMap(made)
    // For tests and measurements: what the map does without React.
    Object.assign(parent.current, { counters: () => made.counters })
    return () => {
      map.current = undefined
      latest.current.props.onMap(undefined)
      made.destroy()
    }
  }, [geometry, model])
  useZoneFocus(map, props.focus, geometry !== undefined)
  useMapScene(map, geometry !== undefined)
  useMapEstimate(map, props.scales)
  return (
    <>
      <div ref={parent} className="canvas-parent" role="application" aria-label={t.map.canvas} />
      {hover === undefined ? null : <MapTip {...hover} />}
    </>
  )
}

/** The map of a zone flies to it, unless it comes back to where it was left. */
function useZoneFocus(
  map: { readonly current: NetworkMap | undefined },
  focus: MapFocus | undefined,
  ready: boolean,
): void {
  const { place } = useConsole()
  const seen = useRef(place.get() === undefined ? undefined : focus?.zone)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ready` stands for the map itself
  useEffect(() => map.current?.setFocus(focus), [focus, ready])
  const zone = focus?.zone
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (!ready || zone === seen.current) return
    seen.current = zone
    if (zone !== undefined) map.current?.showZone(zone)
  }, [zone, ready])
}

/** Selection, plan, alarms and words go to the map when they change. */
function useMapScene(map: { readonly current: NetworkMap | undefined }, ready: boolean): void {
  const t = useText()
  const zoneName = useZoneName()
  const model = useConsole()
  const geometry = useStore(model.geometry)
  const selection = useStore(model.selection)
  const flights = useStore(model.selection.flights)
  const alarms = useStore(model.alarms)
  const plan = useStore(model.plan)
  const mapAlarms = useMemo(() => {
    const list: MapAlarm[] = []
    for (const alarm of alarms?.values() ?? []) {
      const place = geometry === undefined || listOf(alarm) !== 'current' ? undefined : placeOfAlarm(alarm, geometry)
      if (place === undefined) continue
      const words = alarmWords(alarm, t, zoneName, alarm.updated_at)
      list.push({
        id: alarm.id,
        priority: alarm.priority,
        unacked: isUnacked(alarm) && alarm.state !== 'cleared_unacked',
        cleared: alarm.state === 'cleared_unacked',
        title: `P${alarm.priority} ${words.what} ${words.measure} · ${words.where}`,
        lon: place[0],
        lat: place[1],
      })
    }
    return list
  }, [alarms, geometry, t, zoneName])
  const mapPlan = useMemo((): MapPlan | undefined => {
    if (plan?.phase !== 'ready' || geometry === undefined) return undefined
    const pipes = [...plan.plan.cut_off.pipes, plan.edge].flatMap((id) => geometry.pipeNumber.get(id) ?? [])
    return { pipes, valves: plan.plan.close.map(({ order, lon, lat }) => ({ order, lon, lat })) }
  }, [plan, geometry])
  // `ready` stands for the map itself, which effects above this one have just made.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see the line above
  useEffect(() => map.current?.setAlarms(mapAlarms), [mapAlarms, ready, geometry])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => map.current?.setSelection(selection), [selection, ready, geometry])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    map.current?.setPlan(mapPlan)
    if (mapPlan !== undefined) map.current?.showPlan()
  }, [mapPlan, ready, geometry])
  // biome-ignore lint/correctness/useExhaustiveDependencies: words are read by the map itself
  useEffect(() => map.current?.refreshLabels(), [t])
  useEffect(
    () =>
      model.placeAsked.subscribe(() => {
        const asked = model.placeAsked.get()
        if (asked !== undefined) map.current?.jumpTo(asked)
      }),
    [map, model],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new flight flies
  useEffect(() => {
    // A map that is made anew has nowhere to fly to: the flight was flown.
    if (flights === model.flown.get()) return
    model.flown.set(flights)
    const chosen = model.selection.get()
    const alarm = chosen?.alarm === undefined ? undefined : model.alarms.get()?.get(chosen.alarm)
    const place = alarm === undefined || geometry === undefined ? undefined : placeOfAlarm(alarm, geometry)
    if (place !== undefined && chosen?.kind !== 'zone') map.current?.show(place[0], place[1])
    else if (chosen?.kind === 'leak') map.current?.showPipes(pipesOfLeak(chosen.id, model.leaks.get(), geometry))
    else map.current?.showSelection()
  }, [flights])
}

function hasWebGl(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null
  } catch {
    return false
  }
}
