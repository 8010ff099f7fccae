import { useEffect, useRef, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { type AlarmSound, createAlarmSound } from './sound.ts'

/** Sound on or off, and a plain warning when the browser keeps it silent. */
export function SoundSwitch() {
  const t = useText()
  const { sound, alarms } = useConsole()
  const on = useStore(sound)
  const [blocked, setBlocked] = useState(false)
  const player = useRef<AlarmSound | undefined>(undefined)
  const urgent = useSlice(alarms, (all): 1 | 2 | undefined => {
    let found: 1 | 2 | undefined
    for (const alarm of all?.values() ?? []) {
      if (alarm.state !== 'active_unacked') continue
      if (alarm.priority === 1) return 1
      if (alarm.priority === 2) found = 2
    }
    return found
  })
  useEffect(() => {
    if (!on) return
    const made = createAlarmSound()
    player.current = made
    void made.unblock().catch(() => undefined)
    const watch = setInterval(() => setBlocked(made.blocked()), 1000)
    return () => {
      clearInterval(watch)
      made.close()
      player.current = undefined
    }
  }, [on])
  useEffect(() => {
    if (on) player.current?.play(urgent)
  }, [on, urgent])
  const press = () => {
    if (on && blocked) void player.current?.unblock().then(() => setBlocked(false))
    else sound.set(!on)
  }
  const words = on && blocked ? t.frame.sound.blocked : on ? t.frame.sound.on : t.frame.sound.off
  return (
    <button
      type="button"
      className="icon-button"
      aria-pressed={on}
      title={`${words} · ${t.frame.sound.hint}`}
      onClick={press}
    >
      <Speaker on={on && !blocked} />
      <span className={on && blocked ? undefined : 'visually-hidden'}>{words}</span>
    </button>
  )
}

function Speaker({ on }: { readonly on: boolean }) {
  return (
    <svg
      width="18"
      height="16"
      viewBox="0 0 18 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
    >
      <path d="M1 5.5H4L8 2V14L4 10.5H1Z" fill="currentColor" />
      {on ? (
        <path d="M11 5A4 4 0 0 1 11 11M13.3 2.5A7.5 7.5 0 0 1 13.3 13.5" />
      ) : (
        <path d="M11 5L16.5 11M16.5 5L11 11" />
      )}
    </svg>
  )
}
