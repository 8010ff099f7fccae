import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { alarmActs } from './alarm-acts.ts'
import { selectionOf } from './alarm-target.ts'
import { alarmWords } from './alarm-words.ts'
import { compareAlarms, isUnacked, listOf } from './order.ts'
import { AlarmSymbol } from './symbol.tsx'

/** The first alarm of priority 1 that nobody has acknowledged, in one line: it stands on every screen until somebody has. */
export function UrgentLine() {
  const t = useText()
  const model = useConsole()
  const zoneName = useZoneName()
  const all = useStore(model.alarms)
  const role = useSlice(model.session, (s) => s?.role)
  const live = useSlice(model.link, (l) => l.phase === 'live')
  const now = useNow(5000)
  const [failure, setFailure] = useState<Failure>()
  const urgent = [...(all?.values() ?? [])]
    .filter((a) => a.priority === 1 && isUnacked(a) && listOf(a) === 'current')
    .sort(compareAlarms)
  const [first] = urgent
  if (first === undefined) return null
  const words = alarmWords(first, t, zoneName, now)
  const open = () => {
    model.screen.set('dispatch')
    model.selection.select(selectionOf(first), { fly: true })
    model.detailTab.set('asset')
  }
  return (
    <div className="banner urgent-line">
      <AlarmSymbol look={{ priority: 1, hollow: first.state === 'cleared_unacked', ring: true }} size={24} />
      <button type="button" className="link" onClick={open}>
        {words.what} {words.measure}
      </button>
      <span className="cut">
        {words.where} · {words.since} · {words.consequence} · {words.action}
      </span>
      {urgent.length > 1 ? <span className="nowrap">{t.alarms.moreUrgent(printNumber(urgent.length - 1))}</span> : null}
      <button
        type="button"
        aria-label={t.alarms.ackTitle(words.what)}
        disabled={role === undefined || role === 'viewer' || !live}
        onClick={() => void alarmActs(model).acknowledge(first.id).then(setFailure)}
      >
        {t.alarms.ack}
      </button>
      {failure === undefined ? null : <Problem failure={failure} />}
    </div>
  )
}
