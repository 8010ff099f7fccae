import type {
  GapLedger,
  GapRevision,
  GapStatement,
  MetersHealth,
  Models,
  Replacement,
  ReplacementOrder,
  SuspectEvidence,
  Suspects,
} from '@gastwin/server/contract'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Answer, Api, Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import type { PeriodLength } from '../state/gap-period.ts'
import { useSlice, useStore } from '../state/store.ts'
import { REACH_MS } from './periods.ts'
import { zoneOfSelection } from './zone-of-selection.ts'

export interface Loaded<T> {
  readonly value: T | undefined
  readonly failure: Failure | undefined
  retry(): void
}

/**
 * Asks when the link is live, when the gap is stated anew, and when `key` changes; an answer that failed leaves what was known.
 * @param ask must stay the same while `key` does
 */
function useStated<T>(key: string, ask: (api: Api, now: number) => Promise<Answer<T>>): Loaded<T> {
  const { api, link, gapStatedAt, clock, status } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const heard = useSlice(status, (s) => s !== undefined)
  const stated = useStore(gapStatedAt)
  const [known, setKnown] = useState<{ readonly key: string; readonly value: T }>()
  const [failed, setFailed] = useState<{ readonly key: string; readonly failure: Failure }>()
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a statement and a retry are turns of their own
  useEffect(() => {
    if (!live || !heard) return
    let gone = false
    const load = async () => {
      const answer = await ask(api, clock.now())
      if (gone) return
      setFailed(answer.ok ? undefined : { key, failure: answer.failure })
      if (answer.ok) setKnown({ key, value: answer.value })
    }
    void load()
    return () => {
      gone = true
    }
  }, [api, live, heard, stated, key, turn])
  return {
    value: known?.key === key ? known.value : undefined,
    failure: failed?.key === key ? failed.failure : undefined,
    retry: () => setTurn((n) => n + 1),
  }
}

/** The ledger of one length of periods, as far back as the screen looks. */
export function useLedger(every: PeriodLength): Loaded<GapLedger> {
  const ask = useCallback((api: Api, now: number) => api.gap(every, now - REACH_MS[every], now), [every])
  return useStated(every, ask)
}

/** At most this many suspects of a zone are listed and marked on the map. */
const MOST_SUSPECTS = 100

/** Which cases the list shows: those that are not closed, or only those in one state. */
export type CaseChoice = 'current' | 'field_work' | 'closed'

export function useSuspects(zone: string, choice: CaseChoice): Loaded<Suspects> {
  const state = choice === 'current' ? undefined : choice
  const ask = useCallback((api: Api) => api.suspects(zone, MOST_SUSPECTS, state), [zone, state])
  return useStated(`${zone}/${choice}`, ask)
}

const askModels = (api: Api) => api.models()
export const useModels = (): Loaded<Models> => useStated('', askModels)

/** At most this many meters of a zone that are due are listed. */
const MOST_DUE = 300
export function useDue(zone: string): Loaded<MetersHealth> {
  const ask = useCallback((api: Api) => api.metersDue(zone, MOST_DUE), [zone])
  return useStated(zone, ask)
}

export function useEvidence(meter: string): Loaded<SuspectEvidence> {
  const ask = useCallback((api: Api) => api.suspectEvidence(meter), [meter])
  return useStated(meter, ask)
}

export function useReplacements(by: ReplacementOrder): Loaded<readonly Replacement[]> {
  const ask = useCallback((api: Api) => api.replacements(by), [by])
  return useStated(by, ask)
}

const MOST_REVISIONS = 200
const askRevisions = (api: Api) => api.gapRevisions(MOST_REVISIONS)
export const useRevisions = (): Loaded<readonly GapRevision[]> => useStated('', askRevisions)

/** The zone the screen is about: that of what is selected; when the selection names none, the one before it. */
export function useZoneInFocus(first: string | undefined): string | undefined {
  const { selection, geometry } = useConsole()
  const chosen = useStore(selection)
  const known = useStore(geometry)
  const named = useMemo(() => zoneOfSelection(chosen, known), [chosen, known])
  const [kept, setKept] = useState(named)
  useEffect(() => {
    if (named !== undefined) setKept(named)
  }, [named])
  return named ?? kept ?? first
}

/** The statement of a zone and period. */
export function statementOf(
  items: readonly GapStatement[],
  zone: string | undefined,
  from: number | undefined,
): GapStatement | undefined {
  return items.find((s) => s.zone === zone && s.from === from)
}
