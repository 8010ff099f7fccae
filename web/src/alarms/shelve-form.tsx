import type { Alarm } from '@gastwin/server/contract'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { printDuration } from '../format/time.ts'
import { useText } from '../text/use-text.ts'
import { alarmWords } from './alarm-words.ts'

/** At most eight hours. */
const MINUTES = [15, 30, 60, 120, 240, 480]

interface ShelveFormProps {
  readonly alarm: Alarm
  readonly onShelve: (minutes: number, reason: string) => Promise<Failure | undefined>
  readonly onClose: () => void
}

/** Not a modal: the list behind it goes on, and other alarms can be acknowledged meanwhile. */
export function ShelveForm({ alarm, onShelve, onClose }: ShelveFormProps) {
  const t = useText()
  const zoneName = useZoneName()
  const now = useNow(5000)
  const reason = useRef<HTMLInputElement>(null)
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => reason.current?.focus(), [])
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const refused = await onShelve(Number(form.get('minutes')), String(form.get('reason')).trim())
    if (refused === undefined) onClose()
    else setFailure(refused)
  }
  const words = alarmWords(alarm, t, zoneName, now)
  return (
    <form
      className="shelve"
      aria-label={t.alarms.shelveTitle}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <h3>{t.alarms.shelveTitle}</h3>
      <p>
        {words.what} · {words.where}
      </p>
      <label>
        {t.alarms.shelveFor}
        <select name="minutes" defaultValue={60}>
          {MINUTES.map((minutes) => (
            <option key={minutes} value={minutes}>
              {printDuration(minutes * 60_000, t.frame.units)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.alarms.shelveReason}
        <input ref={reason} name="reason" required minLength={3} maxLength={500} autoComplete="off" />
      </label>
      <p className="second">{t.alarms.shelveHint}</p>
      {failure === undefined ? null : <Problem failure={failure} />}
      <div className="row-buttons">
        <button type="submit">{t.alarms.shelve}</button>
        <button type="button" onClick={onClose}>
          {t.frame.cancel}
        </button>
      </div>
    </form>
  )
}
