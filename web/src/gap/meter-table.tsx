import type { ReactNode } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useSlice } from '../state/store.ts'

export interface MeterColumn<T> {
  readonly head: string
  /** Classes of head and cells: `number`, `nowrap`, `detail`. */
  readonly look?: string
  readonly cell: (row: T, place: number) => ReactNode
}

interface MeterTableProps<T> {
  readonly caption: string
  readonly rows: readonly T[]
  readonly columns: readonly MeterColumn<T>[]
}

/** A list of meters, one a row: the one that is chosen on the map stands out. */
export function MeterTable<T extends { readonly meter: string }>({ caption, rows, columns }: MeterTableProps<T>) {
  const { selection } = useConsole()
  const chosen = useSlice(selection, (s) => (s?.kind === 'meter' ? s.id : undefined))
  return (
    <table className="suspects">
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ head, look }) => (
            <th key={head} scope="col" className={look}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, place) => (
          <tr key={row.meter} className={row.meter === chosen ? 'chosen' : undefined}>
            {columns.map(({ head, look, cell }) => (
              <td key={head} className={look}>
                {cell(row, place)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A meter's number that shows it on the map. */
export function MeterLink({ meter }: { readonly meter: string }) {
  const { selection } = useConsole()
  const isChosen = useSlice(selection, (s) => s?.kind === 'meter' && s.id === meter)
  return (
    <button
      type="button"
      className="link id"
      aria-current={isChosen}
      onClick={() => selection.select({ kind: 'meter', id: meter }, { fly: true })}
    >
      {meter}
    </button>
  )
}
