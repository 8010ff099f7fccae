import type { Alarm } from '@gastwin/server/contract'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { printNumber } from '../format/numbers.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { alarmActs } from './alarm-acts.ts'
import { AlarmRow, GroupRow } from './alarm-row.tsx'
import { selectionOf } from './alarm-target.ts'
import { type AlarmEntry, type AlarmFilter, groupFlood, isUnacked } from './order.ts'
import { ShelveForm } from './shelve-form.tsx'
import { AlarmSymbol } from './symbol.tsx'
import { useHeldRows } from './use-held-rows.ts'

interface AlarmRowsProps {
  readonly all: ReadonlyMap<string, Alarm>
  readonly sorted: readonly Alarm[]
  readonly filter: AlarmFilter
  readonly empty: ReactNode
}

/** The list itself: one tab stop, arrows move, A and S act on the row in focus. */
export function AlarmRows({ all, sorted, filter, empty }: AlarmRowsProps) {
  const t = useText()
  const model = useConsole()
  const chosen = useStore(model.selection)?.alarm
  const flood = useSlice(model.status, (s) => s?.alarms.flood === true)
  const recent = useSlice(model.status, (s) => s?.alarms.last_10_min ?? 0)
  const now = useNow(5000)
  const region = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [focusKey, setFocusKey] = useState<string>()
  const [shelving, setShelving] = useState<string>()
  const [failure, setFailure] = useState<Failure>()
  const view = `${filter.list}/${[...filter.priorities].join()}/${filter.unackedOnly}`
  const { rows, waiting, release } = useHeldRows(sorted, all, view, region)
  const grouping = flood && filter.list === 'current'
  const entries: readonly AlarmEntry[] = grouping
    ? groupFlood(rows, open)
    : rows.map((alarm) => ({ kind: 'alarm', key: alarm.id, alarm, firstOut: false }))
  const active = Math.max(
    0,
    entries.findIndex((e) => e.key === focusKey),
  )
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => region.current,
    estimateSize: () => 88,
    getItemKey: (i) => entries[i]?.key ?? i,
    overscan: 6,
    // The row in focus stays in the page however far the list is scrolled, or the focus would be lost.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), active])].sort((a, b) => a - b),
  })
  useShowChosen(chosen, entries, virtual.scrollToIndex)

  const acts = alarmActs(model)
  const acknowledge = async (alarm: Alarm) => setFailure(await acts.acknowledge(alarm.id))
  const choose = (alarm: Alarm) => {
    model.selection.select(selectionOf(alarm), { fly: true })
    model.detailTab.set('asset')
  }
  const toggle = (key: string) => {
    const next = new Set(open)
    if (!next.delete(key)) next.add(key)
    setOpen(next)
  }
  const focusRow = (index: number) => {
    const entry = entries[Math.max(0, Math.min(entries.length - 1, index))]
    if (entry === undefined) return
    setFocusKey(entry.key)
    virtual.scrollToIndex(entries.indexOf(entry))
    requestAnimationFrame(() =>
      region.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(entry.key)}"]`)?.focus(),
    )
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target as HTMLElement).matches('[role=row]')) return
    const entry = entries[active]
    const alarm = entry?.kind === 'alarm' ? entry.alarm : undefined
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (key === 'ArrowDown') focusRow(active + 1)
    else if (key === 'ArrowUp') focusRow(active - 1)
    else if (key === 'Home') focusRow(0)
    else if (key === 'End') focusRow(entries.length - 1)
    else if (key === 'a' && alarm !== undefined && isUnacked(alarm)) void acknowledge(alarm)
    else if (key === 's' && alarm !== undefined && alarm.priority !== 1 && filter.list === 'current')
      setShelving(alarm.id)
    else if ((key === 'Enter' || key === ' ') && entry !== undefined) {
      if (entry.kind === 'group') toggle(entry.key)
      else choose(entry.alarm)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const groups = entries.filter((e) => e.kind === 'group')
  const waitingFirst = waiting > 0 ? sorted.find((a) => !rows.includes(a)) : undefined
  const shelved = shelving === undefined ? undefined : all.get(shelving)

  return (
    <>
      {grouping ? (
        <div className="flood" role="status">
          {t.alarms.flood(
            printNumber(recent),
            printNumber(groups.reduce((sum, g) => sum + (g.kind === 'group' ? g.alarms.length : 0), 0)),
            printNumber(groups.length),
          )}
        </div>
      ) : null}
      {waiting > 0 ? (
        <button type="button" className="waiting" onClick={release}>
          {waitingFirst === undefined ? null : (
            <AlarmSymbol look={{ priority: waitingFirst.priority, hollow: false, ring: true }} size={24} />
          )}
          {t.alarms.waiting(printNumber(waiting))}
        </button>
      ) : null}
      {failure === undefined ? null : <Problem failure={failure} onRetry={() => setFailure(undefined)} />}
      <div className="alarm-rows" ref={region} id="alarm-list" tabIndex={-1}>
        {entries.length === 0 ? (
          empty
        ) : (
          <div
            role="treegrid"
            aria-label={t.alarms.grid}
            aria-rowcount={entries.length}
            tabIndex={-1}
            style={{ height: virtual.getTotalSize(), position: 'relative' }}
            onKeyDown={press}
          >
            {virtual.getVirtualItems().map(({ index, key, start }) => {
              const entry = entries[index]
              if (entry === undefined) return null
              const common = {
                measure: virtual.measureElement,
                index,
                start,
                tabIndex: index === active ? 0 : -1,
                onFocus: () => setFocusKey(entry.key),
              }
              return entry.kind === 'group' ? (
                <GroupRow
                  key={key}
                  {...common}
                  entry={entry}
                  open={open.has(entry.key)}
                  onToggle={() => toggle(entry.key)}
                />
              ) : (
                <AlarmRow
                  key={key}
                  {...common}
                  alarm={entry.alarm}
                  firstOut={entry.firstOut}
                  chosen={entry.alarm.id === chosen}
                  now={now}
                  onChoose={() => choose(entry.alarm)}
                  onAcknowledge={() => acknowledge(entry.alarm)}
                  onShelve={() => setShelving(entry.alarm.id)}
                  onUnshelve={() => void acts.unshelve(entry.alarm.id).then(setFailure)}
                />
              )
            })}
          </div>
        )}
      </div>
      {shelved === undefined ? null : (
        <ShelveForm
          alarm={shelved}
          onShelve={(minutes, reason) => acts.shelve(shelved.id, minutes, reason)}
          onClose={() => {
            setShelving(undefined)
            focusRow(active)
          }}
        />
      )}
    </>
  )
}

/** A click on the map brings the alarm's row into view. */
function useShowChosen(
  chosen: string | undefined,
  entries: readonly AlarmEntry[],
  scrollTo: (index: number, options: { align: 'auto' }) => void,
): void {
  const latest = useRef(entries)
  latest.current = entries
  useEffect(() => {
    if (chosen === undefined) return
    const index = latest.current.findIndex((e) => e.key === chosen)
    if (index >= 0) scrollTo(index, { align: 'auto' })
  }, [chosen, scrollTo])
}
