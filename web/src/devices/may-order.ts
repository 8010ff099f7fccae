import type { Role } from '@gastwin/server/contract'
import { useConsole } from '../app/console-model.ts'
import { useSlice, useStore } from '../state/store.ts'

const RANKS: readonly Role[] = ['viewer', 'dispatcher', 'safety', 'admin']

/** Whether who is signed in has at least this role. */
export function useRole(least: Role): boolean {
  const session = useStore(useConsole().session)
  return session !== null && RANKS.indexOf(session.role) >= RANKS.indexOf(least)
}

/** Whether an act could be based on what is so now. */
export function useMayAct(): boolean {
  const { link, status } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const full = useSlice(status, (s) => s?.log === 'full')
  return live && !full
}
