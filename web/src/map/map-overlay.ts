import { alarmSymbolMarkup } from '../alarms/symbol.tsx'
import type { EdgeArrow, PlacedMarker } from './place-markers.ts'

export interface OverlayAlarm {
  readonly id: string
  readonly priority: number
  readonly unacked: boolean
  readonly cleared: boolean
  readonly title: string
}

export interface OverlayLabel {
  readonly key: string
  readonly kind: 'zone' | 'place' | 'asset' | 'valve-order' | 'hint' | 'suspect' | 'inlet'
  readonly text: string
  readonly second?: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly title?: string
  /** The meter that a click on it chooses. */
  readonly meter?: string
  readonly chosen?: boolean
}

/**
 * Names, figures and alarms over the map as elements of the page: crisp at any size, with hyphen and decimal point. Hidden
 * from screen readers, who have the lists and the table.
 */
export class MapOverlay {
  readonly #labels: HTMLDivElement
  readonly #markers: HTMLDivElement
  /** Numbers of a plan lie above everything: they are what is being decided on. */
  readonly #numbers: HTMLDivElement
  readonly #labelElements = new Map<string, HTMLDivElement>()
  readonly #markerElements = new Map<string, HTMLDivElement>()
  readonly #onAlarm: (id: string) => void
  readonly #onMeter: (id: string) => void

  constructor(parent: HTMLElement, onAlarm: (id: string) => void, onMeter: (id: string) => void) {
    this.#onAlarm = onAlarm
    this.#onMeter = onMeter
    this.#labels = layer(parent, 'map-labels')
    this.#markers = layer(parent, 'map-markers')
    this.#numbers = layer(parent, 'map-numbers')
  }

  showLabels(labels: readonly OverlayLabel[]): void {
    const wanted = new Set(labels.map((l) => l.key))
    drop(this.#labelElements, wanted)
    for (const { key, kind, text, second, x, y, title = '', meter, chosen = false } of labels) {
      const element = take(
        this.#labelElements,
        key,
        kind === 'valve-order' || kind === 'hint' ? this.#numbers : this.#labels,
      )
      const markup = `${text}\n${second ?? ''}\n${title}\n${chosen}`
      if (element.dataset['text'] !== markup) {
        element.dataset['text'] = markup
        element.className = `map-label ${kind}${chosen ? ' chosen' : ''}`
        element.title = title
        element.onclick = meter === undefined ? null : () => this.#onMeter(meter)
        element.replaceChildren(span(text), ...(second === undefined ? [] : [span(second, 'figure')]))
      }
      move(element, x, y)
    }
  }

  showAlarms(
    markers: readonly PlacedMarker[],
    arrows: readonly EdgeArrow[],
    alarms: ReadonlyMap<string, OverlayAlarm>,
    printDistance: (metres: number) => string,
  ): void {
    const wanted = new Set([...markers.map((m) => `m:${m.id}`), ...arrows.map((a) => `a:${a.id}`)])
    drop(this.#markerElements, wanted)
    for (const { id, x, y, others } of markers) {
      const alarm = alarms.get(id)
      if (alarm === undefined) continue
      const size = alarm.priority === 1 ? 40 : 32
      this.#draw(`m:${id}`, alarm, others, size, '')
      move(take(this.#markerElements, `m:${id}`, this.#markers), x, y)
    }
    for (const { id, x, y, angle, distance, others } of arrows) {
      const alarm = alarms.get(id)
      if (alarm === undefined) continue
      const element = this.#draw(`a:${id}`, alarm, others, 30, printDistance(distance))
      element.style.setProperty('--angle', `${angle}rad`)
      move(element, x, y)
    }
  }

  #draw(key: string, alarm: OverlayAlarm, others: number, size: number, away: string): HTMLDivElement {
    const element = take(this.#markerElements, key, this.#markers)
    const look = { priority: alarm.priority, hollow: alarm.cleared, ring: alarm.unacked }
    const text = `${alarm.priority}${alarm.cleared}${alarm.unacked}${others}${away}${alarm.title}`
    if (element.dataset['text'] === text) return element
    element.dataset['text'] = text
    element.className = away === '' ? 'map-alarm' : 'map-alarm edge'
    element.title = alarm.title
    element.innerHTML = alarmSymbolMarkup(look, size)
    if (away !== '') element.append(div('arrow'), span(away))
    if (others > 0) element.append(div('others', `+${others}`))
    element.style.zIndex = String(10 - alarm.priority)
    element.onclick = (event) => {
      event.stopPropagation()
      this.#onAlarm(alarm.id)
    }
    return element
  }

  destroy(): void {
    this.#labels.remove()
    this.#markers.remove()
    this.#numbers.remove()
  }
}

function layer(parent: HTMLElement, name: string): HTMLDivElement {
  const element = document.createElement('div')
  element.className = name
  element.setAttribute('aria-hidden', 'true')
  parent.append(element)
  return element
}

function take(elements: Map<string, HTMLDivElement>, key: string, parent: HTMLElement): HTMLDivElement {
  let element = elements.get(key)
  if (element === undefined) {
    element = document.createElement('div')
    elements.set(key, element)
    parent.append(element)
  }
  return element
}

function drop(elements: Map<string, HTMLDivElement>, wanted: ReadonlySet<string>): void {
  for (const [key, element] of elements) {
    if (wanted.has(key)) continue
    element.remove()
    elements.delete(key)
  }
}

function span(text: string, name = ''): HTMLSpanElement {
  const element = document.createElement('span')
  element.className = name
  element.textContent = text
  return element
}

function div(name: string, text = ''): HTMLDivElement {
  const element = document.createElement('div')
  element.className = name
  element.textContent = text
  return element
}

function move(element: HTMLDivElement, x: number, y: number): void {
  element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, -50%)`
}
