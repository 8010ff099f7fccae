import type { IsolationPlan } from '@gastwin/server/contract'
import { useEffect, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { printDuration, printInstant } from '../format/time.ts'
import { useSlice, useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { HoldButton } from './hold-button.tsx'
import { PlanConsequences, PlanValves } from './plan-facts.tsx'
import { isRunning, requestBar } from './shutoff-state.ts'

/** A plan older than this (wall time) may rest on pressures that are no longer so. */
const PLAN_LIFE_MS = 15 * 60_000
/** Wall time between two checks whether the plan is still the one that would be made. */
const CHECK_MS = 10_000

/** Preview of an isolation, and the request to carry it out. Nothing here opens a valve. */
export function IsolationPanel() {
  const t = useText()
  const model = useConsole()
  const view = useStore(model.plan)
  if (view === undefined) return null
  if (view.phase === 'loading') return <Loading what={t.frame.things.plan} />
  if (view.phase === 'failed') return <Problem failure={view.failure} onRetry={() => void model.preview(view.edge)} />
  return <ReadyPlan key={view.plan.hash} plan={view.plan} />
}

function ReadyPlan({ plan }: { readonly plan: IsolationPlan }) {
  const t = useText()
  const model = useConsole()
  const zone = useTimeZone()
  const now = useNow(1000)
  const stale = useStale(plan)
  const age = now - plan.made_at
  const tooOld = age > PLAN_LIFE_MS * Math.max(1, model.clock.speed)
  const recompute = () => void model.preview(plan.edge)
  return (
    <>
      <div className="title-row">
        <h3>
          {t.safety.plan} · {plan.edge}
        </h3>
        <span className="tag plan">{t.safety.tags.preview}</span>
        <button type="button" onClick={recompute}>
          {t.safety.recompute}
        </button>
      </div>
      <p className="second">
        {t.safety.snapshot(printInstant(plan.made_at, zone))} · {t.safety.planAge(printDuration(age, t.frame.units))}.{' '}
        {t.safety.validWhile}
      </p>
      {stale ? (
        <p className="problem" role="alert">
          {t.safety.stalePlan}
        </p>
      ) : tooOld ? (
        <p className="problem" role="alert">
          {t.safety.tooOld(printDuration(age, t.frame.units))}
        </p>
      ) : null}
      {plan.feasible ? null : (
        <p className="problem" role="alert">
          {t.safety.infeasible}: {wordFor(t.safety.reasons, plan.reason ?? '')}
        </p>
      )}
      <PlanValves plan={plan} />
      <Request plan={plan} stale={stale || tooOld} />
    </>
  )
}

function Request({ plan, stale }: { readonly plan: IsolationPlan; readonly stale: boolean }) {
  const t = useText()
  const model = useConsole()
  const session = useStore(model.session)
  const live = useSlice(model.link, (l) => l.phase === 'live')
  const readOnly = useSlice(model.status, (s) => s?.log === 'full')
  const running = useSlice(model.shutoffs, (all) =>
    [...(all?.values() ?? [])].some((s) => s.edge === plan.edge && isRunning(s)),
  )
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const bar = requestBar({ live: live && !readOnly, role: session?.role, plan, stale, running, reason })
  const request = async () => {
    const answer = await model.api.requestShutoff(plan.edge, plan.hash, reason.trim())
    if (!answer.ok) return setFailure(answer.failure)
    model.shutoffs.change((old) => new Map(old).set(answer.value.id, answer.value))
    model.detailTab.set('shutoffs')
  }
  return (
    <section className="card" aria-label={t.safety.consequences}>
      <h3>{t.safety.consequences}</h3>
      <PlanConsequences plan={plan} />
      <label>
        {t.safety.reason}
        <textarea
          rows={2}
          maxLength={500}
          style={{ width: '100%' }}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <HoldButton
        label={t.safety.hold}
        holding={t.safety.holding}
        disabled={bar !== undefined}
        describedBy="request-hint"
        onHeld={() => void request()}
      />
      <p className="second" id="request-hint">
        {bar === undefined ? t.safety.holdHint : t.safety.requestDisabled[bar]}{' '}
        {t.safety.twoPersons(session?.user ?? '')}
      </p>
      {failure === undefined ? null : <Problem failure={failure} />}
      <p className="second">{t.safety.neverOpens}</p>
    </section>
  )
}

/** True once the service would plan otherwise: a valve moved or the topology changed. */
function useStale(plan: IsolationPlan): boolean {
  const { api, link } = useConsole()
  const live = useSlice(link, (l) => l.phase === 'live')
  const [stale, setStale] = useState(false)
  useEffect(() => {
    if (!live || stale) return
    const timer = setInterval(() => {
      void api.isolation(plan.edge).then((answer) => {
        if (answer.ok && answer.value.hash !== plan.hash) setStale(true)
      })
    }, CHECK_MS)
    return () => clearInterval(timer)
  }, [api, live, stale, plan])
  return stale
}
