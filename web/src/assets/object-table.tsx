import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import type { MapGeometry } from '../map/geometry.ts'
import type { SelectableKind } from '../state/selection.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { objectFacts } from './object-facts.ts'

const KINDS = ['zone', 'rtu', 'station', 'valve', 'pipe', 'meter'] as const
const ROW_PX = 28

interface ObjectTableProps {
  readonly geometry: MapGeometry
  readonly hint: string
}

/** The accessible map: every object of it, with the same selection. */
export function ObjectTable({ geometry, hint }: ObjectTableProps) {
  const t = useText()
  const { selection } = useConsole()
  const zoneName = useZoneName()
  const chosen = useStore(selection)
  const [kind, setKind] = useState<SelectableKind>('zone')
  const ids = useMemo(() => idsOf(geometry, kind), [geometry, kind])
  return (
    <div className="object-table">
      <div className="tools">
        <h2>{t.assets.table}</h2>
        {KINDS.map((k) => (
          <button key={k} type="button" aria-pressed={k === kind} onClick={() => setKind(k)}>
            {t.assets.kinds[k]} {printNumber(idsOf(geometry, k).length)}
          </button>
        ))}
        <span className="second">{hint}</span>
      </div>
      <Rows
        key={kind}
        ids={ids}
        kind={kind}
        chosen={chosen?.kind === kind ? chosen.id : undefined}
        geometry={geometry}
        zoneName={zoneName}
        onChoose={(id) => selection.select({ kind, id })}
      />
    </div>
  )
}

interface RowsProps {
  readonly ids: readonly string[]
  readonly kind: SelectableKind
  readonly chosen: string | undefined
  readonly geometry: MapGeometry
  readonly zoneName: (id: string) => string
  readonly onChoose: (id: string) => void
}

function Rows({ ids, kind, chosen, geometry, zoneName, onChoose }: RowsProps) {
  const t = useText()
  const model = useConsole()
  useNow(2000)
  const region = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => region.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const mirror = model.mirror()
  const go = (index: number) => {
    const next = Math.max(0, Math.min(ids.length - 1, index))
    setActive(next)
    virtual.scrollToIndex(next)
    requestAnimationFrame(() => region.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus())
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') go(active + 1)
    else if (event.key === 'ArrowUp') go(active - 1)
    else if (event.key === 'PageDown') go(active + 15)
    else if (event.key === 'PageUp') go(active - 15)
    else if (event.key === 'Home') go(0)
    else if (event.key === 'End') go(ids.length - 1)
    else if (event.key === 'Enter' || event.key === ' ') onChoose(ids[active] ?? '')
    else return
    event.preventDefault()
  }
  if (mirror === undefined) return null
  return (
    <div className="rows" ref={region}>
      {/* biome-ignore lint/a11y/useSemanticElements: a hundred thousand rows are placed by hand */}
      <div
        role="grid"
        aria-label={t.assets.table}
        aria-rowcount={ids.length}
        tabIndex={-1}
        style={{ height: virtual.getTotalSize(), position: 'relative' }}
        onKeyDown={press}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const id = ids[index] ?? ''
          const facts = objectFacts({ kind, id }, geometry, mirror, t)
          const cells = [
            id,
            kind === 'zone' ? zoneName(id).slice(id.length) : facts.zone === undefined ? '' : zoneName(facts.zone),
            facts.state,
            facts.value,
          ]
          return (
            // biome-ignore lint/a11y/useSemanticElements: see the grid
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys of its rows
            <div
              key={id}
              role="row"
              data-index={index}
              aria-rowindex={index + 1}
              aria-selected={id === chosen}
              tabIndex={index === active ? 0 : -1}
              style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${start}px)` }}
              onClick={() => onChoose(id)}
              onFocus={() => setActive(index)}
            >
              {cells.map((text, i) => (
                // biome-ignore lint/a11y/useSemanticElements: see the grid
                // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                <span key={i} role="gridcell" tabIndex={-1} className="nowrap">
                  {text}
                </span>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function idsOf(geometry: MapGeometry, kind: SelectableKind): readonly string[] {
  const { meta, meters } = geometry
  switch (kind) {
    case 'pipe':
      return meta.pipe_ids
    case 'valve':
      return meta.valve_ids
    case 'rtu':
      return meta.rtu_ids
    case 'station':
      return meta.stations.map((s) => s.id)
    case 'zone':
      return meta.zones.map((z) => z.id)
    case 'meter':
      return Array.from(meters.number, String)
    default:
      return []
  }
}
