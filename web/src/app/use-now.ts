import { useEffect, useState } from 'react'
import { useConsole } from './console-model.ts'

/** Event time for ages on the screen, renewed every `everyMs` of wall time: 0 before the service was heard. */
export function useNow(everyMs: number): number {
  const { clock, status } = useConsole()
  const [now, setNow] = useState(() => clock.now())
  useEffect(() => {
    const tick = () => setNow(clock.now())
    tick()
    const timer = setInterval(tick, everyMs)
    // The first message of the service brings the time: nobody should look at zero until the next beat.
    const stop = status.subscribe(() => {
      setNow((old) => (old === 0 ? clock.now() : old))
    })
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [clock, status, everyMs])
  return now
}
