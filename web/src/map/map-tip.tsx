import { type ConsoleModel, useConsole } from '../app/console-model.ts'
import { useZoneName } from '../app/use-zones.ts'
import { objectFacts } from '../assets/object-facts.ts'
import { printMeasure } from '../format/numbers.ts'
import { differenceKpa, flowM3H, pressureKpaG } from '../format/units.ts'
import type { Selection } from '../state/selection.ts'
import { useText } from '../text/use-text.ts'

/** Beside the pointer: what it is and how it is. The panel says the same after a click. */
export function MapTip({ hit, x, y }: { readonly hit: Selection; readonly x: number; readonly y: number }) {
  const t = useText()
  const model = useConsole()
  const zoneName = useZoneName()
  const geometry = model.geometry.get()
  const mirror = model.mirror()
  if (geometry === undefined || mirror === undefined) return null
  const facts = objectFacts(hit, geometry, mirror, t)
  const estimated = hit.kind === 'pipe' ? estimatedFacts(model, geometry.pipeNumber.get(hit.id) ?? -1) : ''
  return (
    <div className="map-tip" style={{ left: x + 14, top: y + 14 }}>
      <b className="nowrap">
        {t.assets.kinds[hit.kind]} {hit.id}
      </b>
      <br />
      {[facts.state, facts.value, ...facts.more].filter((text) => text !== '').join(' · ')}
      {estimated === '' ? null : (
        <>
          <br />
          {estimated}
        </>
      )}
      {facts.zone === undefined ? null : (
        <>
          <br />
          {zoneName(facts.zone)}
        </>
      )}
    </div>
  )
}

/** What the estimate says of a pipe, in the modes that show it. */
function estimatedFacts({ mode, estimate }: ConsoleModel, pipe: number): string {
  const known = estimate.get()
  const [pressure, flow] = [known?.pressure[pipe], known?.flow[pipe]]
  if (mode.get() === 'state' || known === undefined || pressure === undefined || flow === undefined) return ''
  if (Number.isNaN(pressure)) return ''
  const spread = printMeasure(differenceKpa(known.pressureSigma[pipe] ?? Number.NaN))
  return `${printMeasure(pressureKpaG(pressure))} ± ${spread}\u00a0kPa · ${printMeasure(Math.abs(flowM3H(flow)))}\u00a0m³/h`
}
