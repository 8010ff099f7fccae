import { useEffect, useState } from 'react'
import { printNumber } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { useConsole } from './console-model.ts'
import { Problem } from './problem.tsx'
import { useTimeZone } from './use-zones.ts'

const BACK_SHOWN_MS = 6000

/** What is wrong with the picture itself: no news, offline, read-only, an old page. */
export function Banners() {
  const t = useText()
  const { link, status, clock, loadFailure, retryLoading } = useConsole()
  const { phase, attempt, caughtUp, outdated } = useStore(link)
  const log = useSlice(status, (s) => s?.log)
  const store = useSlice(status, (s) => s?.store.state)
  const lag = useSlice(status, (s) => (s?.store.state === 'behind' ? s.store.lag_reports : 0))
  const failure = useStore(loadFailure)
  const zone = useTimeZone()
  const back = useShownFor(phase === 'live' ? caughtUp : undefined, BACK_SHOWN_MS)
  return (
    <div role="status">
      {phase === 'offline' ? (
        <div className="banner urgent">
          {t.banners.offline(clock.now() === 0 ? t.frame.never : printInstant(clock.now(), zone))}
          {attempt > 0 ? <span>· {t.banners.reconnecting(String(attempt))}</span> : null}
        </div>
      ) : null}
      {phase === 'stale' ? <div className="banner urgent">{t.banners.stale(`3 ${t.frame.units.s}`)}</div> : null}
      {back === undefined ? null : <div className="banner">{t.banners.back(printNumber(back))}</div>}
      {outdated ? (
        <div className="banner urgent">
          {t.banners.outdated}
          <button type="button" onClick={() => location.reload()}>
            {t.frame.reload}
          </button>
        </div>
      ) : null}
      {log === 'full' ? <div className="banner urgent">{t.banners.readOnly}</div> : null}
      {store === 'down' ? <div className="banner">{t.banners.storeDown}</div> : null}
      {store === 'behind' && lag > 10_000 ? (
        <div className="banner">{t.banners.storeBehind(printNumber(lag))}</div>
      ) : null}
      {failure === undefined ? null : <Problem failure={failure} onRetry={retryLoading} />}
    </div>
  )
}

/** A passing remark: the value, for a while. */
function useShownFor<T>(value: T | undefined, ms: number): T | undefined {
  const [shown, setShown] = useState<T>()
  useEffect(() => {
    setShown(value)
    if (value === undefined) return
    const timer = setTimeout(() => setShown(undefined), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return shown
}
