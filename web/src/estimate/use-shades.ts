import { useMemo, useRef } from 'react'
import { useConsole } from '../app/console-model.ts'
import { pipeLengths } from '../map/pipe-shape.ts'
import { useStore } from '../state/store.ts'
import { blindShare, type PipeScales, scalesOf, shadePipes } from './pipe-scales.ts'

/** Scales of the estimate on hand, steady from one estimate to the next. */
export function useScales(): PipeScales | undefined {
  const { estimate, geometry } = useConsole()
  const known = useStore(estimate)
  const tier = useStore(geometry)?.pipes.tier
  const before = useRef<PipeScales | undefined>(undefined)
  return useMemo(() => {
    if (known === undefined || tier === undefined) return undefined
    before.current = scalesOf(known, tier, before.current)
    return before.current
  }, [known, tier])
}

/** Shade bytes for the mode that is chosen; undefined in the mode of states and before the first estimate. */
export function useShades(scales: PipeScales | undefined): Uint8Array | undefined {
  const model = useConsole()
  const mode = useStore(model.mode)
  const known = useStore(model.estimate)
  const geometry = useStore(model.geometry)
  return useMemo(() => {
    if (mode === 'state' || known === undefined || geometry === undefined || scales === undefined) return undefined
    return shadePipes(mode, known, geometry.pipes.tier, scales)
  }, [mode, known, geometry, scales])
}

/** Share of the pipe length, 0 … 1, that nothing measured tells of. */
export function useBlindShare(): number | undefined {
  const { estimate, geometry } = useConsole()
  const known = useStore(estimate)
  const shapes = useStore(geometry)
  const lengths = useMemo(() => (shapes === undefined ? undefined : pipeLengths(shapes)), [shapes])
  return useMemo(
    () => (known === undefined || lengths === undefined ? undefined : blindShare(known.blind, lengths)),
    [known, lengths],
  )
}
