import { type PipeMode, parsePipeMode } from '../map/pipe-mode.ts'
import { parseSelection, printSelection, type Selection } from '../state/selection.ts'
import type { Language } from '../text/language.ts'

export interface MapPlace {
  readonly lon: number
  readonly lat: number
  readonly zoom: number
}

export interface Address {
  readonly selection: Selection | null
  readonly language: Language | undefined
  readonly place: MapPlace | undefined
  readonly mode: PipeMode
}

/** What the part after # says: a link pasted into the shift log opens the same view. It holds ids, never personal data. */
export function readAddress(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#\/?[a-z]*\??/, ''))
  const [lon, lat, zoom] = (query.get('map') ?? '').split(',').map(Number)
  const language = query.get('lang')
  return {
    selection: parseSelection(query.get('sel')),
    language: language === 'zh' || language === 'en' ? language : undefined,
    place:
      lon !== undefined && lat !== undefined && zoom !== undefined && [lon, lat, zoom].every(Number.isFinite)
        ? { lon, lat, zoom }
        : undefined,
    mode: parsePipeMode(query.get('mode')),
  }
}

export function printAddress({ selection, language, place, mode }: Address): string {
  const parts: string[] = []
  if (selection !== null) parts.push(`sel=${encodeURIComponent(printSelection(selection))}`)
  if (place !== undefined) parts.push(`map=${place.lon.toFixed(5)},${place.lat.toFixed(5)},${place.zoom.toFixed(2)}`)
  if (mode !== 'state') parts.push(`mode=${mode}`)
  if (language !== undefined) parts.push(`lang=${language}`)
  return `#/dispatch${parts.length === 0 ? '' : '?'}${parts.join('&')}`
}
