import { type PipeMode, parsePipeMode } from '../map/pipe-mode.ts'
import { FIRST_PERIOD, type GapPeriod, parsePeriod, printPeriod } from '../state/gap-period.ts'
import { type DeviceTab, parseDeviceTab, parseScreen, type Screen } from '../state/screen.ts'
import { parseSelection, printSelection, type Selection } from '../state/selection.ts'
import type { Language } from '../text/language.ts'

export interface MapPlace {
  readonly lon: number
  readonly lat: number
  readonly zoom: number
}

export interface Address {
  readonly screen: Screen
  readonly selection: Selection | null
  readonly language: Language | undefined
  readonly place: MapPlace | undefined
  readonly mode: PipeMode
  /** What the gap screen looks at. */
  readonly period: GapPeriod
  /** What of the device screen is open. */
  readonly tab: DeviceTab
}

/** What the part after # says: a link pasted into the shift log opens the same view. It holds ids, never personal data. */
export function readAddress(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#\/?[a-z]*\??/, ''))
  const [lon, lat, zoom] = (query.get('map') ?? '').split(',').map(Number)
  const language = query.get('lang')
  return {
    screen: screenOf(hash) ?? 'dispatch',
    selection: parseSelection(query.get('sel')),
    language: language === 'zh' || language === 'en' ? language : undefined,
    place:
      lon !== undefined && lat !== undefined && zoom !== undefined && [lon, lat, zoom].every(Number.isFinite)
        ? { lon, lat, zoom }
        : undefined,
    mode: parsePipeMode(query.get('mode')),
    period: parsePeriod(query.get('period')),
    tab: parseDeviceTab(query.get('tab')),
  }
}

/** The screen an address names; undefined when it is a place within the page. */
export function screenOf(hash: string): Screen | undefined {
  return parseScreen(/^#\/([a-z]+)/.exec(hash)?.[1])
}

export function printAddress({ screen, selection, language, place, mode, period, tab }: Address): string {
  const parts: string[] = []
  if (selection !== null) parts.push(`sel=${encodeURIComponent(printSelection(selection))}`)
  if (place !== undefined) parts.push(`map=${place.lon.toFixed(5)},${place.lat.toFixed(5)},${place.zoom.toFixed(2)}`)
  if (mode !== 'state') parts.push(`mode=${mode}`)
  if (printPeriod(period) !== printPeriod(FIRST_PERIOD)) parts.push(`period=${printPeriod(period)}`)
  if (tab !== 'list') parts.push(`tab=${tab}`)
  if (language !== undefined) parts.push(`lang=${language}`)
  return `#/${screen}${parts.length === 0 ? '' : '?'}${parts.join('&')}`
}
