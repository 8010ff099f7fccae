import { useConsole } from '../app/console-model.ts'
import type { MapGeometry } from '../map/geometry.ts'
import { nearestPipe } from '../map/hit-finder.ts'
import type { Selection } from '../state/selection.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'

/** "What if this were closed off?" for a pipe, or for the pipe at a valve, RTU or station. */
export function PreviewButton({ selection }: { readonly selection: Selection }) {
  const t = useText()
  const model = useConsole()
  const geometry = useStore(model.geometry)
  const edge = geometry === undefined ? undefined : edgeOf(selection, geometry)
  if (edge === undefined) return null
  const preview = () => {
    model.detailTab.set('isolation')
    void model.preview(edge)
  }
  return (
    <div className="row-buttons">
      <button type="button" onClick={preview}>
        {edge === selection.id ? t.assets.isolation : t.assets.isolateBeside(edge)}
      </button>
      <span className="second">{t.assets.isolationHint}</span>
    </div>
  )
}

function edgeOf({ kind, id }: Selection, geometry: MapGeometry): string | undefined {
  const { meta, pipeNumber, valveNumber, rtuNumber, stationNumber, valves, rtus, stations } = geometry
  const near = (xy: Float32Array, n: number | undefined) =>
    n === undefined
      ? undefined
      : nearestPipe(geometry, meta.origin[0] + (xy[2 * n] ?? 0), meta.origin[1] + (xy[2 * n + 1] ?? 0))
  switch (kind) {
    case 'pipe':
      return pipeNumber.has(id) ? id : undefined
    case 'valve':
      return meta.pipe_ids[valves.pipe[valveNumber.get(id) ?? -1] ?? -1]
    case 'rtu':
      return near(rtus.xy, rtuNumber.get(id))
    case 'station':
    case 'node':
      return near(stations.xy, stationNumber.get(id))
    default:
      return undefined
  }
}
