import { useSyncExternalStore } from 'react'

/** A value that tells its listeners when it is replaced; views read slices of it. */
export interface Store<T> {
  get(): T
  /** Listeners run only when the value is another one (Object.is). */
  set(next: T): void
  change(next: (old: T) => T): void
  subscribe(listener: () => void): () => void
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  const set = (next: T) => {
    if (Object.is(next, value)) return
    value = next
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => value,
    set,
    change: (next) => set(next(value)),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** @param select must give a primitive or a reference that stays the same while nothing it shows has changed */
export function useSlice<T, S>(store: Store<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
