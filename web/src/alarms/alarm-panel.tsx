import type { Alarm } from '@gastwin/server/contract'
import { useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { useNow } from '../app/use-now.ts'
import { printNumber } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { AlarmRows } from './alarm-rows.tsx'
import { type AlarmFilter, type AlarmList, countByPriority, listOf, selectAlarms } from './order.ts'
import { AlarmSymbol } from './symbol.tsx'

const LISTS: readonly AlarmList[] = ['current', 'shelved', 'suppressed']

export function AlarmPanel() {
  const t = useText()
  const { alarms } = useConsole()
  const all = useStore(alarms)
  const [filter, setFilter] = useState<AlarmFilter>({ list: 'current', priorities: new Set(), unackedOnly: false })
  return (
    <section className="alarms" aria-labelledby="alarms-title">
      <div className="panel-head">
        <h2 id="alarms-title">{t.alarms.region}</h2>
        <span className="spring" />
        {LISTS.map((list) => (
          <button
            key={list}
            type="button"
            aria-pressed={filter.list === list}
            onClick={() => setFilter({ ...filter, list })}
          >
            {t.alarms.lists[list]} {countIn(all, list)}
          </button>
        ))}
      </div>
      <Filters filter={filter} onFilter={setFilter} />
      {all === undefined ? (
        <Loading what={t.frame.things.alarms} />
      ) : (
        <AlarmRows
          all={all}
          sorted={selectAlarms(all.values(), filter)}
          filter={filter}
          empty={<Empty filter={filter} />}
        />
      )}
      <Foot />
    </section>
  )
}

function countIn(all: ReadonlyMap<string, Alarm> | undefined, list: AlarmList): string {
  if (all === undefined) return ''
  let n = 0
  for (const alarm of all.values()) if (listOf(alarm) === list) n++
  return printNumber(n)
}

interface FiltersProps {
  readonly filter: AlarmFilter
  readonly onFilter: (filter: AlarmFilter) => void
}

function Filters({ filter, onFilter }: FiltersProps) {
  const t = useText()
  const { alarms } = useConsole()
  const counts = countByPriority(useStore(alarms)?.values() ?? [])
  const toggle = (priority: number) => {
    const priorities = new Set(filter.priorities)
    if (!priorities.delete(priority)) priorities.add(priority)
    onFilter({ ...filter, priorities })
  }
  return (
    <div className="filters">
      {[1, 2, 3, 4].map((priority) => (
        <button
          key={priority}
          type="button"
          aria-pressed={filter.priorities.has(priority)}
          aria-label={t.alarms.filterPriority(priority)}
          title={t.alarms.filterPriority(priority)}
          onClick={() => toggle(priority)}
        >
          <AlarmSymbol look={{ priority, hollow: false, ring: false }} size={20} />
          {printNumber(counts[priority - 1])}
        </button>
      ))}
      <button
        type="button"
        aria-pressed={filter.unackedOnly}
        onClick={() => onFilter({ ...filter, unackedOnly: !filter.unackedOnly })}
      >
        {t.alarms.unackedOnly}
      </button>
    </div>
  )
}

function Empty({ filter }: { readonly filter: AlarmFilter }) {
  const t = useText()
  const { clock, status } = useConsole()
  useNow(1000)
  const heard = useSlice(status, (s) => s?.now)
  const filtered = filter.priorities.size > 0 || filter.unackedOnly
  const words =
    filter.list === 'shelved'
      ? t.alarms.emptyShelved
      : filter.list === 'suppressed'
        ? t.alarms.emptySuppressed
        : filtered
          ? t.alarms.emptyFiltered
          : t.alarms.empty
  const age = heard === undefined ? undefined : (clock.now() - heard) / Math.max(1, clock.speed)
  return (
    <p className="empty">
      {words} {age === undefined ? null : t.alarms.checked(printDuration(age, t.frame.units))}
    </p>
  )
}

function Foot() {
  const t = useText()
  const { status } = useConsole()
  const kpis = useSlice(status, (s) => s?.alarms)
  return (
    <div className="foot">
      <span>{kpis === undefined ? '' : t.alarms.rate(printNumber(kpis.last_10_min))}</span>
      <span className="spring" />
      <kbd>{t.alarms.keys}</kbd>
    </div>
  )
}
