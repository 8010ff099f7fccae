import type { Alarm } from '@gastwin/server/contract'
import { type FormEvent, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printQuantity } from '../format/quantity.ts'
import { printTime } from '../format/time.ts'
import { useSlice } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { alarmActs } from './alarm-acts.ts'
import { alarmWords, hintOf } from './alarm-words.ts'
import { isUnacked } from './order.ts'
import { AlarmSymbol } from './symbol.tsx'

/** The chosen alarm in full: what follows, what to do, the evidence behind it, and the note of the one who acknowledged. */
export function AlarmCard({ alarm }: { readonly alarm: Alarm }) {
  const t = useText()
  const zoneName = useZoneName()
  const zone = useTimeZone()
  const now = useNow(5000)
  const words = alarmWords(alarm, t, zoneName, now)
  const unacked = isUnacked(alarm)
  const hollow = alarm.state === 'cleared_unacked' || alarm.state === 'cleared'
  return (
    <section className="card" aria-label={t.alarms.details}>
      <div className="title-row">
        <AlarmSymbol look={{ priority: alarm.priority, hollow, ring: unacked && !hollow }} size={30} />
        <h3>{words.what}</h3>
        <span className="tag">{wordFor(t.alarms.states, alarm.state)}</span>
      </div>
      <dl className="facts">
        <dt>{t.alarms.consequence}</dt>
        <dd>{words.consequence}</dd>
        <dt>{t.alarms.action}</dt>
        <dd>{words.action}</dd>
        <dt>{t.alarms.evidence}</dt>
        <dd>
          {alarm.evidence.length === 0 ? t.alarms.noEvidence : null}
          <ul>
            {alarm.evidence.slice(0, 12).map((e) => (
              <li key={`${e.code}/${e.at}/${e.asset?.id}`}>
                {printTime(e.at, zone, now)} {e.asset === undefined ? '' : `${e.asset.id} `}
                {wordFor({ ...t.rules, ...t.evidence, ...t.deviceEvents }, e.code)}{' '}
                {e.value === undefined || e.unit === undefined
                  ? (e.value ?? '')
                  : printQuantity(e.value, e.unit, t.frame.units, hintOf(e.code))}
                {e.limit === undefined || e.unit === undefined
                  ? ''
                  : ` (${t.alarms.limit(printQuantity(e.limit, e.unit, t.frame.units, hintOf(e.code)))})`}
              </li>
            ))}
          </ul>
        </dd>
        {alarm.acked_at === null ? null : (
          <>
            <dt>{t.alarms.ack}</dt>
            <dd>
              {printTime(alarm.acked_at, zone, now)} {alarm.acked_by} {alarm.ack_note}
            </dd>
          </>
        )}
      </dl>
      {unacked ? <AckForm alarm={alarm} /> : null}
    </section>
  )
}

function AckForm({ alarm }: { readonly alarm: Alarm }) {
  const t = useText()
  const model = useConsole()
  const live = useSlice(model.link, (l) => l.phase === 'live')
  const viewer = useSlice(model.session, (s) => s?.role === 'viewer')
  const [failure, setFailure] = useState<Failure>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget).get('note') ?? '').trim()
    setFailure(await alarmActs(model).acknowledge(alarm.id, note === '' ? undefined : note))
  }
  return (
    <form className="row-buttons" onSubmit={(event) => void submit(event)}>
      <input name="note" aria-label={t.alarms.note} placeholder={t.alarms.note} maxLength={500} autoComplete="off" />
      <button type="submit" disabled={!live || viewer}>
        {t.alarms.ack}
      </button>
      {viewer ? <span className="second">{t.errors['AUT_FORBIDDEN']}</span> : null}
      {failure === undefined ? null : <Problem failure={failure} />}
    </form>
  )
}
