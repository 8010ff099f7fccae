import { useEffect, useMemo, useState } from 'react'
import type { Answer, Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { printTime } from '../format/time.ts'
import { useSlice } from '../state/store.ts'
import { type DeviceApi, deviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'

export interface Asked<T> {
  /** The last answer; of the question before until this one is answered. */
  readonly value: T | undefined
  readonly failure: Failure | undefined
  /** Event time of the last answer, Unix ms. */
  readonly at: number | undefined
  again(): void
}

export function useDeviceApi(): DeviceApi {
  const { api } = useConsole()
  return useMemo(() => deviceApi(api), [api])
}

/**
 * Asks when the link is live, when `key` changes, and every so often.
 * @param ask must stay the same while `key` does. @param everyMs of the wall. @param keeps an answer while the next one is under way
 */
export function useAsked<T>(
  key: string,
  ask: (api: DeviceApi, now: number) => Promise<Answer<T>>,
  everyMs: number,
  keeps = false,
): Asked<T> {
  const { link, clock } = useConsole()
  const api = useDeviceApi()
  const live = useSlice(link, (l) => l.phase === 'live')
  const [known, setKnown] = useState<{ readonly key: string; readonly value: T; readonly at: number }>()
  const [failed, setFailed] = useState<{ readonly key: string; readonly failure: Failure }>()
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is a turn of its own, and the question is its key
  useEffect(() => {
    if (!live) return
    let gone = false
    const load = async () => {
      const answer = await ask(api, clock.now())
      if (gone) return
      setFailed(answer.ok ? undefined : { key, failure: answer.failure })
      if (answer.ok) setKnown({ key, value: answer.value, at: clock.now() })
    }
    void load()
    const timer = setInterval(() => void load(), everyMs)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [api, live, key, turn, everyMs])
  const fits = known !== undefined && (keeps || known.key === key)
  return {
    value: fits ? known.value : undefined,
    failure: failed?.key === key ? failed.failure : undefined,
    at: fits ? known.at : undefined,
    again: () => setTurn((n) => n + 1),
  }
}

/** What stands in the place of an answer that is not there, and above one that is old. */
export function AskedState({ asked, what }: { readonly asked: Asked<unknown>; readonly what: string }) {
  if (asked.failure !== undefined) return <Problem failure={asked.failure} onRetry={asked.again} />
  return asked.value === undefined ? <Loading what={what} /> : null
}

/** When this was asked; what to think of it while the link is down. */
export function AskedAt({ asked }: { readonly asked: Asked<unknown> }) {
  const t = useDeviceText()
  const zone = useTimeZone()
  const { link } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  if (asked.at === undefined) return null
  return (
    <span className={live ? 'second nowrap' : 'asked-old'}>
      {live ? '' : `${t.old} `}
      {t.asked(printTime(asked.at, zone))}
    </span>
  )
}
