import { useEffect, useRef, useState } from 'react'
import { loadPlot } from './load-plot.ts'
import type { Plot, PlotSpec } from './plot.ts'

interface PlotViewProps {
  readonly spec: Omit<PlotSpec, 'readout'>
  readonly label: string
  readonly failed: string
  readonly className: string
}

/** A chart in its place; when the library cannot be loaded it says so, and the table beside it still has the numbers. */
export function PlotView({ spec, label, failed, className }: PlotViewProps) {
  const parent = useRef<HTMLDivElement>(null)
  const readout = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | undefined>(undefined)
  const latest = useRef(spec)
  latest.current = spec
  const [broken, setBroken] = useState(false)
  useEffect(() => {
    let gone = false
    const draw = () => {
      if (readout.current !== null) plot.current?.draw({ ...latest.current, readout: readout.current })
    }
    if (parent.current !== null)
      loadPlot(parent.current).then(
        (made) => {
          if (gone) return made.destroy()
          plot.current = made
          draw()
        },
        () => setBroken(true),
      )
    return () => {
      gone = true
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [])
  useEffect(() => {
    if (readout.current !== null) plot.current?.draw({ ...spec, readout: readout.current })
  }, [spec])
  return (
    <div className={`plot ${className}`} ref={parent} role="img" aria-label={label}>
      {broken ? <p className="problem">{failed}</p> : null}
      <div className="readout" ref={readout} hidden />
    </div>
  )
}
