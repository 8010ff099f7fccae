import { createStore, type Store } from './store.ts'

export const SELECTABLE = ['pipe', 'valve', 'rtu', 'meter', 'station', 'zone', 'node', 'leak', 'system'] as const
export type SelectableKind = (typeof SELECTABLE)[number]

/** The one thing the whole console looks at: map, list and panels read it from here and nowhere else. */
export interface Selection {
  readonly kind: SelectableKind
  readonly id: string
  /** The alarm through which it was chosen, so that its row stays marked. */
  readonly alarm?: string
  /** The leak among whose pipes it was chosen, so that its card stays open. */
  readonly leak?: string
}

export interface SelectionStore extends Store<Selection | null> {
  /** Asks the map to show the selection, not only to mark it. */
  readonly flights: Store<number>
  select(selection: Selection | null, options?: { fly: boolean }): void
}

export function createSelectionStore(initial: Selection | null = null): SelectionStore {
  const store = createStore<Selection | null>(initial)
  const flights = createStore(0)
  return {
    ...store,
    flights,
    select(selection, options) {
      if (!sameSelection(store.get(), selection)) store.set(selection)
      if (options?.fly === true && selection !== null) flights.change((n) => n + 1)
    },
  }
}

export function sameSelection(a: Selection | null, b: Selection | null): boolean {
  if (a === null || b === null) return a === b
  return a.kind === b.kind && a.id === b.id && a.alarm === b.alarm && a.leak === b.leak
}

/** `pipe:P-0012`, as it stands in the address bar; null when it is not one. */
export function parseSelection(text: string | null): Selection | null {
  const colon = text?.indexOf(':') ?? -1
  if (text === null || colon < 1 || colon === text.length - 1) return null
  const kind = SELECTABLE.find((k) => k === text.slice(0, colon))
  return kind === undefined ? null : { kind, id: text.slice(colon + 1) }
}

export function printSelection(selection: Selection): string {
  return `${selection.kind}:${selection.id}`
}
