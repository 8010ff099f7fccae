import type { WebMercatorViewport } from '@deck.gl/core'
import { ZONE_STATE } from '@gastwin/server/contract'
import { printSigned } from '../format/numbers.ts'
import type { MapMirror } from '../live/mirror.ts'
import type { Selection } from '../state/selection.ts'
import { nameIn } from '../text/language.ts'
import type { MapGeometry } from './geometry.ts'
import type { OverlayLabel } from './map-overlay.ts'
import type { MapFocus, MapHint, MapPlan } from './map-scene.ts'
import { centreOfRing } from './pick-grid.ts'
import { keepApart, type LabelBox } from './place-markers.ts'

const MOST_LABELS = 40
const LINE_PX = 17

export interface LabelWords {
  readonly language: 'zh' | 'en'
  readonly noData: string
  readonly inlet: string
  readonly outlet: string
}

export interface LabelScene {
  readonly geometry: MapGeometry
  readonly mirror: MapMirror
  readonly viewport: WebMercatorViewport
  readonly zoom: number
  readonly selection: Selection | null
  readonly plan: MapPlan | undefined
  /** Whether zones carry their gap. */
  readonly figures: boolean
  readonly hints: readonly MapHint[]
  readonly focus: MapFocus | undefined
  readonly words: LabelWords
  /** Boxes that labels must not cover: alarms. */
  readonly taken: readonly LabelBox[]
}

/** At most forty names and figures that do not touch: plan numbers, zones by how far they are off, stations, places, assets. */
export function chooseLabels(scene: LabelScene): readonly OverlayLabel[] {
  const { viewport, plan, hints } = scene
  const numbers: OverlayLabel[] = (plan?.valves ?? []).map(({ order, lon, lat }) => {
    const [x = 0, y = 0] = viewport.project([lon, lat])
    return { key: `plan:${order}`, kind: 'valve-order', text: String(order), x, y, width: 24, height: 24 }
  })
  for (const { mark, lon, lat } of hints) {
    const [x = 0, y = 0] = viewport.project([lon, lat])
    numbers.push({ key: `hint:${mark}`, kind: 'hint', text: mark, x, y, width: 28, height: 22 })
  }
  const others = [...focusLabels(scene), ...zoneLabels(scene), ...placeLabels(scene), ...assetLabels(scene)].filter(
    ({ x, y, width, height }) =>
      x > width / 2 && y > height / 2 && x < viewport.width - width / 2 && y < viewport.height - height / 2,
  )
  return [...numbers, ...keepApart(others, MOST_LABELS - numbers.length, [...scene.taken, ...numbers])]
}

/** Suspects by their rank, the chosen one before all; and where gas enters and leaves the zone. */
function focusLabels({ geometry, viewport, selection, focus, words }: LabelScene): OverlayLabel[] {
  if (focus === undefined) return []
  const chosen = selection?.kind === 'meter' ? selection.id : undefined
  const suspects = focus.suspects.map(({ meter, rank, title, lon, lat }) => {
    const [x = 0, y = 0] = viewport.project([lon, lat])
    const text = String(rank)
    const box = { x, y, width: 12 + 7 * text.length, height: 18 }
    return { key: `suspect:${meter}`, kind: 'suspect' as const, text, title, meter, chosen: meter === chosen, ...box }
  })
  const zone = geometry.meta.zones.find(({ id }) => id === focus.zone)
  const inlets = (zone?.inlets ?? []).map(({ edge, sign, lon, lat }) => {
    const [x = 0, y = 0] = viewport.project([lon, lat])
    const text = sign > 0 ? words.inlet : words.outlet
    const width = widthOf(text) + 14
    return {
      key: `inlet:${edge}`,
      kind: 'inlet' as const,
      text,
      title: edge,
      x,
      y,
      width,
      height: 18,
      shifts: [20, -20],
    }
  })
  return [...suspects.sort((a, b) => Number(b.chosen) - Number(a.chosen)), ...inlets]
}

function zoneLabels({ geometry, mirror, viewport, zoom, figures, focus, words }: LabelScene): OverlayLabel[] {
  const [lon, lat] = geometry.meta.origin
  const states = mirror.states('zones')
  const rates = mirror.values('zones')
  const labels = geometry.meta.zones.map(({ id, name }, zone) => {
    const [dx, dy] = centreOfRing(geometry.zones.xy, geometry.zones.start, zone)
    const [x = 0, y = 0] = viewport.project([lon + dx, lat + dy])
    const state = states[zone] ?? 0
    const rate = focus === undefined ? (rates[zone] ?? Number.NaN) : (focus.rates.get(id) ?? Number.NaN)
    const shown = nameIn(words.language, name)
    const text = zoom >= 12.5 && shown !== id ? `${id} ${shown}` : id
    const second = (focus === undefined ? state === ZONE_STATE.no_data : Number.isNaN(rate))
      ? words.noData
      : `${printSigned(Number.isNaN(rate) ? null : rate * 100)}\u00a0%`
    const rank = Math.max(0, state - ZONE_STATE.within)
    const width = 16 + Math.max(widthOf(text), widthOf(second))
    const figure = figures ? { second } : {}
    const height = 2 * LINE_PX + 2
    const shifts = [34, -34, 60, -60]
    return { rank, key: `zone:${id}`, kind: 'zone' as const, text, ...figure, x, y, width, height, shifts }
  })
  return labels.sort((a, b) => b.rank - a.rank)
}

function placeLabels({ geometry, viewport, words }: LabelScene): OverlayLabel[] {
  return geometry.meta.places.map(({ name, name_en, lon, lat }, i) => {
    const [x = 0, y = 0] = viewport.project([lon, lat])
    const text = words.language === 'zh' || name_en === '' ? name : name_en
    return { key: `place:${i}`, kind: 'place', text, x, y, width: widthOf(text) + 12, height: LINE_PX }
  })
}

function assetLabels({ geometry, viewport, zoom }: LabelScene): OverlayLabel[] {
  const [lon, lat] = geometry.meta.origin
  const labels: OverlayLabel[] = []
  const add = (key: string, ids: readonly string[], xy: Float32Array, below: number) => {
    for (let i = 0; i < ids.length && labels.length < 400; i++) {
      const [x = 0, y = 0] = viewport.project([lon + (xy[2 * i] ?? 0), lat + (xy[2 * i + 1] ?? 0)])
      if (x < 0 || y < 0 || x > viewport.width || y > viewport.height) continue
      const text = ids[i] ?? ''
      labels.push({ key: `${key}:${text}`, kind: 'asset', text, x, y: y + below, width: widthOf(text) + 8, height: 14 })
    }
  }
  if (zoom >= 12.8)
    add(
      'station',
      geometry.meta.stations.map((s) => s.id),
      geometry.stations.xy,
      17,
    )
  if (zoom >= 14.5) add('rtu', geometry.meta.rtu_ids, geometry.rtus.xy, 16)
  if (zoom >= 16) add('valve', geometry.meta.valve_ids, geometry.valves.xy, 17)
  return labels
}

/** px of a label's text at 12 px: Chinese is about square, Latin about half as wide. */
function widthOf(text: string): number {
  let width = 0
  for (const letter of text) width += letter > '\u2e80' ? 13 : 7
  return width
}
