import type { Alarm } from '@gastwin/server/contract'
import { useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printTime } from '../format/time.ts'
import { useSlice } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { alarmWords } from './alarm-words.ts'
import { type AlarmEntry, isUnacked } from './order.ts'
import { AlarmSymbol } from './symbol.tsx'

interface RowPlace {
  readonly measure: (element: HTMLElement | null) => void
  readonly index: number
  /** px from the top of the list */
  readonly start: number
  readonly tabIndex: number
  readonly onFocus: () => void
}

interface AlarmRowProps extends RowPlace {
  readonly alarm: Alarm
  readonly firstOut: boolean
  readonly chosen: boolean
  readonly now: number
  readonly onChoose: () => void
  readonly onAcknowledge: () => Promise<void>
  readonly onShelve: () => void
  readonly onUnshelve: () => void
}

const at = (start: number) =>
  ({ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${start}px)` }) as const

export function AlarmRow(props: AlarmRowProps) {
  const { alarm, firstOut, chosen, now, measure, index, start, tabIndex, onFocus, onChoose } = props
  const t = useText()
  const zoneName = useZoneName()
  const zone = useTimeZone()
  const words = alarmWords(alarm, t, zoneName, now)
  const unacked = isUnacked(alarm)
  const cleared = alarm.state === 'cleared_unacked' || alarm.state === 'cleared'
  const look = { priority: alarm.priority, hollow: cleared, ring: unacked && !cleared }
  const name = ['alarm-row', unacked ? 'unacked' : '', chosen ? 'chosen' : '', alarm.state === 'cleared' ? 'gone' : '']
  const tag = t.alarms.stateShort[alarm.state]
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    <div
      ref={measure}
      data-index={index}
      data-key={alarm.id}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={chosen}
      className={name.join(' ')}
      style={at(start)}
      tabIndex={tabIndex}
      onFocus={onFocus}
      onClick={onChoose}
      onKeyDown={undefined}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
      <div role="gridcell" tabIndex={-1}>
        <AlarmSymbol look={look} size={34} />
        <span className="visually-hidden">
          P{alarm.priority} {wordFor(t.alarms.states, alarm.state)}
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
      <div role="gridcell" tabIndex={-1}>
        <div className="what">
          {words.what} <span className="nowrap">{words.measure}</span>
          {firstOut ? <span className="tag">{t.alarms.firstOut}</span> : null}
          {tag === undefined ? null : <span className="tag">{tag}</span>}
          {alarm.occurrences > 1 ? <span className="tag">{t.alarms.times(printNumber(alarm.occurrences))}</span> : null}
        </div>
        <div className="where">
          {words.where} ·{' '}
          <span className="nowrap" title={printTime(alarm.since, zone, now)}>
            {t.alarms.since(words.since)}
          </span>
        </div>
        <div className="then">
          {words.consequence} → {words.action}
        </div>
        {alarm.shelved_until === null || alarm.state !== 'shelved' ? null : (
          <div className="then">
            {t.alarms.shelvedUntil(printTime(alarm.shelved_until, zone, now), alarm.shelved_by ?? '')}:{' '}
            {alarm.shelve_reason}
          </div>
        )}
        {alarm.suppressed_by === null || alarm.state !== 'suppressed' ? null : (
          <div className="then">{t.alarms.suppressedBy(alarm.suppressed_by)}</div>
        )}
      </div>
      <RowButtons {...props} what={words.what} unacked={unacked} />
    </div>
  )
}

function RowButtons({
  alarm,
  what,
  unacked,
  onAcknowledge,
  onShelve,
  onUnshelve,
}: AlarmRowProps & { readonly what: string; readonly unacked: boolean }) {
  const t = useText()
  const { link, session } = useConsole()
  const [pending, setPending] = useState(false)
  const live = useSlice(link, (l) => l.phase === 'live')
  const viewer = useSlice(session, (s) => s?.role === 'viewer')
  const off = !live || viewer
  const acknowledge = async () => {
    setPending(true)
    await onAcknowledge()
    setPending(false)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on a button from choosing the row
    <div role="gridcell" tabIndex={-1} className="buttons" onClick={(event) => event.stopPropagation()}>
      {unacked ? (
        <button
          type="button"
          tabIndex={-1}
          disabled={off || pending}
          title={viewer ? t.errors['AUT_FORBIDDEN'] : undefined}
          aria-label={t.alarms.ackTitle(what)}
          onClick={() => void acknowledge()}
        >
          {pending ? '…' : t.alarms.ack}
        </button>
      ) : null}
      {alarm.state === 'shelved' ? (
        <button type="button" tabIndex={-1} disabled={off} onClick={onUnshelve}>
          {t.alarms.unshelve}
        </button>
      ) : null}
      {alarm.priority !== 1 && alarm.state === 'active_acked' ? (
        <button type="button" tabIndex={-1} disabled={off} onClick={onShelve}>
          {t.alarms.shelve}
        </button>
      ) : null}
    </div>
  )
}

interface GroupRowProps extends RowPlace {
  readonly entry: Extract<AlarmEntry, { kind: 'group' }>
  readonly open: boolean
  readonly onToggle: () => void
}

export function GroupRow({ entry, open, onToggle, measure, index, start, tabIndex, onFocus }: GroupRowProps) {
  const t = useText()
  const zoneName = useZoneName()
  const zone = useTimeZone()
  const highest = Math.min(...entry.alarms.map((a) => a.priority))
  const unacked = entry.alarms.some(isUnacked)
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys of its rows
    <div
      ref={measure}
      data-index={index}
      data-key={entry.key}
      role="row"
      aria-rowindex={index + 1}
      aria-expanded={open}
      className={unacked ? 'alarm-row unacked' : 'alarm-row'}
      style={at(start)}
      tabIndex={tabIndex}
      onFocus={onFocus}
      onClick={onToggle}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
      <div role="gridcell" tabIndex={-1}>
        <AlarmSymbol look={{ priority: highest, hollow: false, ring: unacked }} size={34} />
        <span className="visually-hidden">P{highest}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
      <div role="gridcell" tabIndex={-1}>
        <div className="what">
          {open ? '▾' : '▸'} {t.alarms.group(printNumber(entry.alarms.length), zoneName(entry.zone))}
        </div>
        <div className="then">
          {t.alarms.groupFirst(wordFor(t.rules, entry.first.rule), printTime(entry.first.since, zone))}
        </div>
      </div>
    </div>
  )
}
