import type { Leak } from '@gastwin/server/contract'
import { useEffect, useMemo } from 'react'
import { useConsole } from '../app/console-model.ts'
import type { PipeScales } from '../estimate/pipe-scales.ts'
import { useShades } from '../estimate/use-shades.ts'
import { leakHeat } from '../leaks/leak-facts.ts'
import { useStore } from '../state/store.ts'
import type { MapGeometry } from './geometry.ts'
import type { MapHint } from './map-scene.ts'
import { HINT_MARKS } from './mode-legend.tsx'
import type { NetworkMap } from './network-map.ts'

const NO_HINTS: readonly MapHint[] = []

/** Colours of the estimate, leaks and hints go to the map when they change. */
export function useMapEstimate(
  map: { readonly current: NetworkMap | undefined },
  scales: PipeScales | undefined,
): void {
  const model = useConsole()
  const geometry = useStore(model.geometry)
  const mode = useStore(model.mode)
  const leaks = useStore(model.leaks)
  const next = useStore(model.estimate)?.meta.next_rtus
  const shades = useShades(scales)
  const heat = useMemo(
    () => leakHeat(leaks ?? [], geometry?.pipeNumber ?? new Map<string, number>()),
    [leaks, geometry],
  )
  const hints = useMemo(
    () =>
      mode === 'blind' && next !== undefined
        ? next.slice(0, HINT_MARKS.length).map(({ lon, lat }, i) => ({ mark: HINT_MARKS[i] ?? '', lon, lat }))
        : NO_HINTS,
    [mode, next],
  )
  // The geometry stands for the map itself, which effects above these have just made.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see the line above
  useEffect(() => map.current?.setMode(mode, shades), [mode, shades, geometry])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => map.current?.setHeat(heat), [heat, geometry])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => map.current?.setHints(hints), [hints, geometry])
}

/** Numbers of the pipes that most probably hold a leak: what has to be seen of it. */
export function pipesOfLeak(
  id: string,
  leaks: readonly Leak[] | undefined,
  geometry: MapGeometry | undefined,
): number[] {
  const { candidates = [] } = leaks?.find((leak) => leak.id === id) ?? {}
  return candidates.slice(0, 8).flatMap(({ pipe }) => geometry?.pipeNumber.get(pipe) ?? [])
}
