import { useConsole } from '../app/console-model.ts'
import { useZoneName } from '../app/use-zones.ts'
import { objectFacts } from '../assets/object-facts.ts'
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
  return (
    <div className="map-tip" style={{ left: x + 14, top: y + 14 }}>
      <b className="nowrap">
        {t.assets.kinds[hit.kind]} {hit.id}
      </b>
      <br />
      {[facts.state, facts.value, ...facts.more].filter((text) => text !== '').join(' · ')}
      {facts.zone === undefined ? null : (
        <>
          <br />
          {zoneName(facts.zone)}
        </>
      )}
    </div>
  )
}
