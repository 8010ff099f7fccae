import type { Shutoff } from '@gastwin/server/contract'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { ShutoffCard } from './shutoff-card.tsx'
import { isRunning } from './shutoff-state.ts'

const MOST = 50

/** Every shut-off on record: those that run first, then the newest. */
export function ShutoffList() {
  const t = useText()
  const { shutoffs } = useConsole()
  const all = useStore(shutoffs)
  if (all === undefined) return <Loading what={t.safety.list} />
  const sorted = [...all.values()].sort(
    (a: Shutoff, b: Shutoff) => Number(isRunning(b)) - Number(isRunning(a)) || b.created_at - a.created_at,
  )
  return (
    <>
      {sorted.length === 0 ? <p className="second">{t.safety.empty}</p> : null}
      {sorted.slice(0, MOST).map((shutoff) => (
        <ShutoffCard key={shutoff.id} shutoff={shutoff} />
      ))}
      <p className="second">{t.safety.neverOpens}</p>
    </>
  )
}
