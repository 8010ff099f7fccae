import type { Alarm } from '@gastwin/server/contract'
import { useEffect, useRef, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { whereOf } from './alarm-words.ts'

/** A screen reader that is interrupted every second says nothing. */
const URGENT_EVERY_MS = 3000
const CALM_EVERY_MS = 15_000

/** Tells screen readers of new alarms: priority 1 and 2 at once but not faster than they can be read, the others as a count. */
export function AlarmAnnouncer() {
  const t = useText()
  const zoneName = useZoneName()
  const { alarms } = useConsole()
  const all = useStore(alarms)
  const known = useRef<Set<string> | undefined>(undefined)
  const queue = useRef<{ urgent: Alarm[]; calm: number }>({ urgent: [], calm: 0 })
  const [urgent, setUrgent] = useState('')
  const [calm, setCalm] = useState('')
  useEffect(() => {
    if (all === undefined) return
    const standing = [...all.values()].filter((a) => a.state === 'active_unacked')
    if (known.current !== undefined)
      for (const alarm of standing)
        if (!known.current.has(alarm.id)) {
          if (alarm.priority <= 2) queue.current.urgent.push(alarm)
          else queue.current.calm++
        }
    known.current = new Set(standing.map((a) => a.id))
  }, [all])
  useEffect(() => {
    const sayUrgent = setInterval(() => {
      const waiting = queue.current.urgent.splice(0).sort((a, b) => a.priority - b.priority)
      const first = waiting[0]
      if (first === undefined) return
      const words = t.alarms.announce(String(first.priority), wordFor(t.rules, first.rule), whereOf(first, t, zoneName))
      setUrgent(waiting.length > 1 ? `${words}. ${t.alarms.announceMany(printNumber(waiting.length))}` : words)
    }, URGENT_EVERY_MS)
    const sayCalm = setInterval(() => {
      if (queue.current.calm === 0) return
      setCalm(t.alarms.announceMany(printNumber(queue.current.calm)))
      queue.current.calm = 0
    }, CALM_EVERY_MS)
    return () => {
      clearInterval(sayUrgent)
      clearInterval(sayCalm)
    }
  }, [t, zoneName])
  return (
    <>
      <div className="visually-hidden" role="alert" aria-live="assertive">
        {urgent}
      </div>
      <div className="visually-hidden" role="status" aria-live="polite">
        {calm}
      </div>
    </>
  )
}
