import type { DeviceRow } from '@gastwin/server/contract'
import { type KeyboardEvent, useCallback, useRef, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import { useStore } from '../state/store.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { type ListFilter, NO_FILTER } from './device-api.ts'
import { DeviceFilters } from './device-filters.tsx'
import { useDeviceText, useOrderText } from './device-text.ts'
import { giveGroup } from './group-filter.ts'
import { useRole } from './may-order.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const ROWS = 50
const RENEW_MS = 10_000
const COLUMNS = [
  'number',
  'kind',
  'zone',
  'state',
  'heard',
  'register',
  'battery',
  'radio',
  'valve',
  'profile',
  'marks',
] as const
const NUMBERS: ReadonlySet<string> = new Set(['register', 'battery', 'radio'])

/** All devices, a page at a time, by what they are and how they are. */
export function DeviceList() {
  const t = useDeviceText()
  const o = useOrderText()
  const { deviceTab } = useConsole()
  const maySet = useRole('safety')
  const [filter, setFilter] = useState<ListFilter>(NO_FILTER)
  /** Cursors of the pages before this one, and of this one; the first page has none. */
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined])
  const cursor = cursors.at(-1)
  const narrow = useCallback((next: ListFilter) => {
    setFilter(next)
    setCursors([undefined])
  }, [])
  const asked = useAsked(
    JSON.stringify([filter, cursor]),
    useCallback((api) => api.list(filter, cursor, ROWS), [filter, cursor]),
    RENEW_MS,
    true,
  )
  const page = asked.value
  const first = (cursors.length - 1) * ROWS
  return (
    <>
      <DeviceFilters filter={filter} onChange={narrow} />
      <AskedState asked={asked} what={t.waiting.list} />
      <div className="devices-scroll">
        {page === undefined ? null : page.items.length === 0 ? (
          <p className="empty">{t.none}</p>
        ) : (
          <Rows rows={page.items} />
        )}
      </div>
      <div className="devices-foot">
        {page === undefined || page.items.length === 0 ? null : (
          <output className="nowrap">
            {t.count(printNumber(first + 1), printNumber(first + page.items.length), printNumber(page.total))}
          </output>
        )}
        <button type="button" disabled={cursors.length === 1} onClick={() => setCursors((all) => all.slice(0, -1))}>
          {t.before}
        </button>
        <button
          type="button"
          disabled={page?.next === null || page === undefined}
          onClick={() => setCursors((all) => [...all, page?.next ?? undefined])}
        >
          {t.next}
        </button>
        {maySet && page !== undefined && page.total > 0 ? (
          <button
            type="button"
            title={o.group.hint}
            onClick={() => {
              giveGroup(filter)
              deviceTab.set('campaigns')
            }}
          >
            {o.group.button(printNumber(page.total))}
          </button>
        ) : null}
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
    </>
  )
}

/** Rows with one stop for the Tab key: arrows, Home and End choose. */
function Rows({ rows }: { readonly rows: readonly DeviceRow[] }) {
  const t = useDeviceText()
  const { selection } = useConsole()
  const chosen = useStore(selection)
  const now = useNow(5000)
  const body = useRef<HTMLTableSectionElement>(null)
  const at = rows.findIndex((row) => row.kind === chosen?.kind && row.asset === chosen.id)
  const choose = (row: DeviceRow | undefined) => {
    if (row !== undefined) selection.select({ kind: row.kind, id: row.asset })
  }
  const press = (event: KeyboardEvent) => {
    const to = {
      ArrowDown: Math.min(rows.length - 1, at + 1),
      ArrowUp: Math.max(0, at - 1),
      Home: 0,
      End: rows.length - 1,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    choose(rows[to])
    body.current?.querySelectorAll<HTMLElement>('button.link')[to]?.focus()
  }
  return (
    <table className="device-rows">
      <caption className="visually-hidden">{t.tabs.list}</caption>
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th key={name} scope="col" className={`${NUMBERS.has(name) ? 'number ' : ''}col-${name}`}>
              {t.columns[name]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={press}>
        {rows.map((row, i) => (
          <Row
            key={row.number}
            row={row}
            chosen={i === at}
            stop={i === Math.max(0, at)}
            now={now}
            onChoose={() => choose(row)}
          />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly row: DeviceRow
  readonly chosen: boolean
  /** The Tab key stops here. */
  readonly stop: boolean
  readonly now: number
  readonly onChoose: () => void
}

function Row({ row, chosen, stop, now, onChoose }: RowProps) {
  const t = useDeviceText()
  const words = useText()
  const zoneName = useZoneName()
  const marks = [row.group, ...row.tags].filter((text) => text !== null)
  return (
    <tr className={chosen ? 'chosen' : undefined} onClick={onChoose}>
      <td className="col-number">
        <button type="button" className="link id" tabIndex={stop ? 0 : -1} aria-current={chosen} onClick={onChoose}>
          {row.kind === 'meter' ? row.number : row.asset}
        </button>
        {row.device === row.number ? null : <span className="second"> {t.standsHere(row.device)}</span>}
      </td>
      <td className="col-kind">{wordFor(words.assets.kinds, row.kind)}</td>
      <td className="col-zone cut">{row.zone === null ? NONE : zoneName(row.zone)}</td>
      <td className="col-state">
        {stateWord(row, words)}
        {row.silent ? <span className="tag">{t.silentTag}</span> : null}
        {row.life === null || row.life === 'in_service' ? null : (
          <span className="tag">{wordFor(t.life, row.life)}</span>
        )}
      </td>
      <td className="col-heard nowrap">
        {row.last_received_at === null
          ? words.frame.never
          : t.ago(printDuration(now - row.last_received_at, words.frame.units))}
      </td>
      <td className="number col-register">{printNumber(row.index_m3, 1)}</td>
      <td className="number col-battery">{printNumber(row.battery_volt, 2)}</td>
      <td className="number col-radio">
        {printNumber(row.rsrp_dbm)}
        {row.good_coverage === false ? <span className="tag">{t.weak}</span> : null}
      </td>
      <td className="col-valve">{row.valve === 'unknown' ? NONE : wordFor(words.assets.valvePositions, row.valve)}</td>
      <td className="col-profile cut">{row.profile ?? NONE}</td>
      <td className="col-marks cut" title={marks.join(', ')}>
        {marks.length === 0 ? NONE : marks.join(', ')}
      </td>
    </tr>
  )
}

/** The state as on the map; the events by their names, because they are what it is about. */
function stateWord({ kind, state, events }: DeviceRow, { assets, deviceEvents }: Dictionary): string {
  const states = { meter: assets.meterStates, rtu: assets.rtuStates, valve: assets.valveStates }[kind]
  const word = states[state] ?? ''
  return events.length === 0 ? word : `${word}: ${events.map((event) => wordFor(deviceEvents, event)).join(', ')}`
}
