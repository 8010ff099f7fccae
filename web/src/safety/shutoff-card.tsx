import type { IsolationPlan, Shutoff } from '@gastwin/server/contract'
import { useEffect, useState } from 'react'
import { hintOf } from '../alarms/alarm-words.ts'
import type { Answer, Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printQuantity } from '../format/quantity.ts'
import { printTime } from '../format/time.ts'
import { useSlice, useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { HoldButton } from './hold-button.tsx'
import { PlanConsequences } from './plan-facts.tsx'
import { comparePlans, isRunning, tagOf } from './shutoff-state.ts'

/** One shut-off from its cause to its proof. */
export function ShutoffCard({ shutoff }: { readonly shutoff: Shutoff }) {
  const t = useText()
  const model = useConsole()
  const zone = useTimeZone()
  const zoneName = useZoneName()
  const now = useNow(5000)
  const { cause } = shutoff
  const show = () => {
    model.plan.set({ phase: 'ready', edge: shutoff.edge, plan: shutoff.plan })
    model.detailTab.set('shutoffs')
  }
  return (
    <section className="card" aria-label={`${t.safety.list} ${shutoff.edge}`}>
      <div className="title-row">
        <h3>{shutoff.edge}</h3>
        <span className="tag plan">{tagOf(shutoff, t)}</span>
        <button type="button" className="link" onClick={show}>
          {t.safety.showOnMap}
        </button>
      </div>
      <p>
        {printTime(shutoff.created_at, zone, now)} · {t.safety.causes[cause.kind]}
        {cause.rules.length === 0 ? '' : `: ${cause.rules.map((r) => wordFor(t.rules, r)).join(', ')}`} ·{' '}
        {wordFor(t.assets.kinds, cause.asset.kind)} {cause.asset.id}
        {shutoff.zone === null ? '' : ` · ${zoneName(shutoff.zone)}`} · {t.zones.modeShort[shutoff.mode]}
      </p>
      <p className="second">
        {[
          shutoff.requested_by === null ? '' : t.safety.requestedBy(shutoff.requested_by),
          shutoff.approved_by === null ? '' : t.safety.approvedBy(shutoff.approved_by),
          shutoff.reason === '' ? '' : `${t.safety.recordedReason}: ${t.rules[shutoff.reason] ?? shutoff.reason}`,
          shutoff.ending === null ? '' : `${t.safety.ending}: ${codeText(t.safety.endings, shutoff.ending)}`,
        ]
          .filter((text) => text !== '')
          .join(' · ')}
      </p>
      <ValveTable shutoff={shutoff} />
      <p>
        {t.safety.proof}:{' '}
        {shutoff.proof === null
          ? t.safety.noProof
          : `${wordFor(t.evidence, shutoff.proof.code)} · ${printTime(shutoff.proof.at, zone, now)} · ${printQuantity(shutoff.proof.value, shutoff.proof.unit, t.frame.units, hintOf(shutoff.proof.code))} (${t.alarms.limit(printQuantity(shutoff.proof.limit, shutoff.proof.unit, t.frame.units, hintOf(shutoff.proof.code)))})`}
      </p>
      {shutoff.state === 'awaiting_approval' ? <Approval shutoff={shutoff} /> : null}
      {isRunning(shutoff) ? <Abort shutoff={shutoff} /> : null}
      <p className="audit">
        {t.safety.audit}: {shutoff.audit_hash}
      </p>
    </section>
  )
}

function ValveTable({ shutoff }: { readonly shutoff: Shutoff }) {
  const t = useText()
  const zone = useTimeZone()
  const live = useSlice(useConsole().link, (l) => l.phase === 'live')
  if (shutoff.valves.length === 0) return null
  return (
    <table>
      <caption className="visually-hidden">{t.safety.valves}</caption>
      <tbody>
        {shutoff.valves.map((v, i) => {
          const settled = v.state === 'closed' || v.state === 'failed'
          const at = v.confirmed_at ?? v.accepted_at ?? v.sent_at
          const unsure = v.state === 'sent' || v.state === 'accepted' ? 'valve-open-question' : undefined
          return (
            <tr key={v.valve}>
              <td className="number">{i + 1}</td>
              <td className="id">{v.valve}</td>
              <td className={v.state === 'closed' ? 'valve-closed' : unsure}>
                {/* Without a connection nobody knows what became of a command. */}
                {live || settled ? t.safety.valveStates[v.state] : t.safety.unknownOffline}
                {v.error === null ? '' : ` · ${codeText(t.safety.valveErrors, v.error)}`}
                {v.tries > 1 ? ` · ${t.safety.tries(printNumber(v.tries))}` : ''}
              </td>
              <td className="nowrap">{at === null ? '' : printTime(at, zone)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** Words for a code that may carry a detail behind a colon; what is no code is shown as it stands. */
function codeText(words: Readonly<Record<string, string>>, said: string): string {
  const [code = '', detail = ''] = said.split(':', 2)
  const word = words[code]
  if (word === undefined) return said
  return detail === '' ? word : `${word} (${words[detail] ?? detail})`
}

/** The second person: sees the plan made anew, not the requester's screen. */
function Approval({ shutoff }: { readonly shutoff: Shutoff }) {
  const t = useText()
  const model = useConsole()
  const session = useStore(model.session)
  const live = useSlice(model.link, (l) => l.phase === 'live')
  const own = session?.user === shutoff.requested_by
  const allowed = session?.role === 'safety' || session?.role === 'admin'
  const [fresh, setFresh] = useState<Answer<IsolationPlan>>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    if (own || !allowed || !live) return
    let gone = false
    void model.api.isolation(shutoff.edge).then((answer) => {
      if (!gone) setFresh(answer)
    })
    return () => {
      gone = true
    }
  }, [model, own, allowed, live, shutoff.edge])
  if (own) return <p className="problem">{t.safety.approveOwn}</p>
  if (!allowed) return <p className="problem">{t.safety.approveRole}</p>
  const change = fresh?.ok === true ? comparePlans(shutoff.plan, fresh.value) : undefined
  const approve = async () => {
    const answer = await model.api.approveShutoff(shutoff.id)
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) model.shutoffs.change((old) => new Map(old).set(answer.value.id, answer.value))
  }
  return (
    <>
      {fresh === undefined ? null : fresh.ok ? (
        <>
          <p>
            {t.safety.approveFresh} {change === undefined ? t.safety.approveSame : null}
          </p>
          <PlanConsequences plan={fresh.value} />
        </>
      ) : (
        <Problem failure={fresh.failure} />
      )}
      {change === undefined ? null : (
        <p className="problem" role="alert">
          {t.safety.approveDiffers} {t.safety.differsClose(change.valvesBefore, change.valvesAfter)};{' '}
          {t.safety.differsCustomers(printNumber(change.customersBefore), printNumber(change.customersAfter))}
        </p>
      )}
      <HoldButton
        label={t.safety.approve}
        holding={t.safety.holding}
        disabled={!live || fresh?.ok !== true || change !== undefined}
        describedBy={`approve-${shutoff.id}`}
        onHeld={() => void approve()}
      />
      <p className="second" id={`approve-${shutoff.id}`}>
        {t.safety.holdHint}
      </p>
      {failure === undefined ? null : <Problem failure={failure} />}
    </>
  )
}

function Abort({ shutoff }: { readonly shutoff: Shutoff }) {
  const t = useText()
  const model = useConsole()
  const live = useSlice(model.link, (l) => l.phase === 'live')
  const viewer = useSlice(model.session, (s) => s?.role === 'viewer')
  const [failure, setFailure] = useState<Failure>()
  const abort = async () => {
    const answer = await model.api.abortShutoff(shutoff.id)
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) model.shutoffs.change((old) => new Map(old).set(answer.value.id, answer.value))
  }
  return (
    <div className="row-buttons">
      <button type="button" disabled={!live || viewer} onClick={() => void abort()}>
        {t.safety.abort}
      </button>
      <span className="second">{t.safety.abortHint}</span>
      {failure === undefined ? null : <Problem failure={failure} />}
    </div>
  )
}
