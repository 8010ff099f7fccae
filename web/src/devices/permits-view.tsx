import type { CommandRecord, ConsentView } from '@gastwin/server/contract'
import { CONSENT_WAYS } from '@gastwin/server/contract'
import { useCallback, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { consentRows } from './consent-rows.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText, useOrderText, useRecordText } from './device-text.ts'
import { Field } from './field.tsx'
import { HeldAct } from './held-act.tsx'
import { useMayAct, useRole } from './may-order.ts'
import { ReasonField } from './order-form.tsx'
import { AskedAt, AskedState, useAsked, useDeviceApi } from './use-asked.tsx'

const RENEW_MS = 3_000
const DAY_MS = 86_400_000
const MINUTE_S = 60

/** Consents of the customer and permits for the button at one meter: two levels, and a hand on site. */
export function PermitsView({ number }: { readonly number: string }) {
  const o = useOrderText()
  const maySee = useRole('dispatcher')
  const mayPermit = useRole('safety')
  return (
    <>
      <p className="second">{o.permits.hint}</p>
      {maySee ? (
        <>
          <Consents number={number} />
          <Invitations number={number} />
        </>
      ) : (
        <p className="empty">{o.permits.needsDispatcher}</p>
      )}
      <Permits number={number} mayPermit={mayPermit} />
    </>
  )
}

function Consents({ number }: { readonly number: string }) {
  const o = useOrderText()
  const ask = useCallback((api: DeviceApi) => api.consents(number), [number])
  const asked = useAsked(number, ask, RENEW_MS)
  const [fresh, setFresh] = useState(false)
  return (
    <>
      <h3>{o.permits.consents}</h3>
      <AskedState asked={asked} what={o.permits.waiting} />
      {asked.value === undefined ? null : asked.value.length === 0 ? (
        <p className="empty">{o.permits.noConsent}</p>
      ) : (
        <table className="consents">
          <caption className="visually-hidden">{o.permits.consents}</caption>
          <thead>
            <tr>
              <th scope="col">{o.permits.by}</th>
              <th scope="col">{o.permits.how}</th>
              <th scope="col">{o.permits.until}</th>
              <th scope="col">{o.permits.state}</th>
              <th scope="col">
                <span className="visually-hidden">{o.permits.revoke}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {asked.value.map((consent) => (
              <Consent key={consent.id} consent={consent} onChanged={asked.again} />
            ))}
          </tbody>
        </table>
      )}
      <div className="row-buttons">
        <button type="button" aria-expanded={fresh} onClick={() => setFresh(!fresh)}>
          {o.permits.fresh}
        </button>
        <AskedAt asked={asked} />
      </div>
      {fresh ? (
        <ConsentForm
          number={number}
          onDone={() => {
            setFresh(false)
            asked.again()
          }}
        />
      ) : null}
    </>
  )
}

/** Who was asked at this meter and has not agreed, or not yet. */
function Invitations({ number }: { readonly number: string }) {
  const r = useRecordText().consents
  const zone = useTimeZone()
  const now = useNow(10_000)
  const ask = useCallback((api: DeviceApi) => api.invitations(number), [number])
  const asked = useAsked(`invitations ${number}`, ask, RENEW_MS)
  // One that was agreed to stands above, as its consent.
  const rows = consentRows([], asked.value?.filter(({ consent }) => consent === null) ?? [], now)
  return (
    <>
      <h3>{r.ofMeter}</h3>
      <AskedState asked={asked} what={r.waiting} />
      {asked.value !== undefined && rows.length === 0 ? <p className="empty">{r.noneAsked}</p> : null}
      {rows.length === 0 ? null : (
        <ul className="permits">
          {rows.map(({ id, state, what, by, at, until }) => (
            <li key={id}>
              {id} · {wordFor(r.states, state)} · {what}
              <span className="second">
                {' '}
                · {r.asked(by)} · {printTime(at, zone, now)} · {r.until} {printTime(until, zone, now)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

interface ConsentProps {
  readonly consent: ConsentView
  readonly onChanged: () => void
}

function Consent({ consent, onChanged }: ConsentProps) {
  const o = useOrderText()
  const api = useDeviceApi()
  const zone = useTimeZone()
  const now = useNow(10_000)
  const mayAct = useMayAct()
  const [failure, setFailure] = useState<Failure>()
  const { id, given_by, how, evidence, until, revoked_at, recorded_by } = consent
  const state = revoked_at !== null ? 'revoked' : until > now ? 'holds' : 'ended'
  const revoke = async () => {
    const answer = await api.revokeConsent(id)
    setFailure(answer.ok ? undefined : answer.failure)
    onChanged()
  }
  return (
    <tr>
      <td>
        {given_by} <span className="second">{id}</span>
      </td>
      <td title={evidence}>
        {wordFor(o.permits.ways, how)} <span className="second">{evidence}</span>
      </td>
      <td className="nowrap">{printTime(until, zone, now)}</td>
      <td title={recorded_by}>{wordFor(o.permits.states, state)}</td>
      <td>
        {state === 'holds' ? (
          <button type="button" disabled={!mayAct} onClick={() => void revoke()}>
            {o.permits.revoke}
          </button>
        ) : null}
        {failure === undefined ? null : <Problem failure={failure} />}
      </td>
    </tr>
  )
}

interface FormProps {
  readonly number: string
  readonly onDone: () => void
}

function ConsentForm({ number, onDone }: FormProps) {
  const o = useOrderText()
  const api = useDeviceApi()
  const mayAct = useMayAct()
  const now = useNow(10_000)
  const [by, setBy] = useState('')
  const [how, setHow] = useState<(typeof CONSENT_WAYS)[number]>('written')
  const [evidence, setEvidence] = useState('')
  const [days, setDays] = useState('7')
  const [failure, setFailure] = useState<Failure>()
  const span = whole(days, 1, 31)
  const record = async () => {
    if (span === undefined) return
    const until = Math.floor(now + span * DAY_MS)
    const answer = await api.consent({ device: number, given_by: by.trim(), how, evidence: evidence.trim(), until })
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) onDone()
  }
  return (
    <form
      className="order-form"
      onSubmit={(event) => {
        event.preventDefault()
        void record()
      }}
    >
      <h3>{o.permits.fresh}</h3>
      <Field label={o.permits.by} value={by} onChange={setBy} />
      <label>
        {o.permits.how}
        <select value={how} onChange={(event) => setHow(event.target.value as typeof how)}>
          {CONSENT_WAYS.map((name) => (
            <option key={name} value={name}>
              {o.permits.ways[name]}
            </option>
          ))}
        </select>
      </label>
      <Field label={o.permits.evidence} value={evidence} onChange={setEvidence} hint={o.permits.evidenceHint} />
      <Field label={o.permits.days} value={days} onChange={setDays} hint={o.permits.daysHint} />
      <button
        type="submit"
        disabled={!mayAct || by.trim().length < 2 || evidence.trim().length < 3 || span === undefined}
      >
        {o.permits.record}
      </button>
      {failure === undefined ? null : (
        <>
          <Problem failure={failure} />
          <p className="second">{failure.detail}</p>
        </>
      )}
    </form>
  )
}

function Permits({ number, mayPermit }: { readonly number: string; readonly mayPermit: boolean }) {
  const t = useDeviceText()
  const o = useOrderText()
  const ask = useCallback((api: DeviceApi) => api.commands(number), [number])
  const asked = useAsked(`permits ${number}`, ask, RENEW_MS)
  const permits = asked.value?.filter(({ kind }) => kind === 'permit')
  return (
    <>
      {mayPermit ? (
        <PermitForm number={number} onDone={asked.again} />
      ) : (
        <p className="second">{t.order.needsSafety}</p>
      )}
      <h3>{o.permits.given}</h3>
      <AskedState asked={asked} what={t.waiting.orders} />
      {permits?.length === 0 ? <p className="empty">{o.permits.none}</p> : null}
      {permits === undefined || permits.length === 0 ? null : (
        <ul className="permits">
          {permits.map((permit) => (
            <Permit key={permit.id} permit={permit} onChanged={asked.again} />
          ))}
        </ul>
      )}
    </>
  )
}

function Permit({ permit, onChanged }: { readonly permit: CommandRecord; readonly onChanged: () => void }) {
  const t = useDeviceText()
  const o = useOrderText()
  const api = useDeviceApi()
  const zone = useTimeZone()
  const now = useNow(10_000)
  const mayAct = useMayAct()
  const mayPermit = useRole('safety')
  const { id, state, waiting_for, permit: told, consent, updated_at, error } = permit
  const takeBack = async () => {
    await api.takeBack(id)
    onChanged()
  }
  return (
    <li>
      {id} · {o.permits.window(printNumber((told?.window_s ?? 0) / MINUTE_S))} · {wordFor(t.ledger.states, state)}
      {waiting_for === null || waiting_for === undefined ? null : (
        <span className="second">
          {' '}
          · {t.ledger.waits} {wordFor(t.ledger.waiting, waiting_for)}
        </span>
      )}
      {consent === undefined ? null : <span className="second"> · {t.ledger.consent(consent)}</span>}
      {error === null ? null : <span className="second"> · {error}</span>}
      <span className="second"> · {printTime(updated_at, zone, now)}</span>{' '}
      {state === 'queued' && mayPermit ? (
        <button type="button" disabled={!mayAct} onClick={() => void takeBack()}>
          {t.ledger.cancel}
        </button>
      ) : null}
    </li>
  )
}

function PermitForm({ number, onDone }: FormProps) {
  const o = useOrderText()
  const t = useDeviceText()
  const api = useDeviceApi()
  const [minutes, setMinutes] = useState('60')
  const [reason, setReason] = useState('')
  const window = whole(minutes, 5, 1_440)
  return (
    <form className="order-form" onSubmit={(event) => event.preventDefault()}>
      <h3>{o.permits.permit}</h3>
      <Field label={o.permits.minutes} value={minutes} onChange={setMinutes} hint={o.permits.minutesHint} />
      <ReasonField reason={reason} onChange={setReason} />
      <HeldAct
        label={o.permits.hold}
        holding={t.order.holding}
        consequence={o.permits.consequence}
        ready={window !== undefined && reason.trim().length >= 3}
        act={() => api.permit({ device: number, window_s: (window ?? 0) * MINUTE_S, reason: reason.trim() })}
        done={(command) => o.permits.done(String(command.id))}
        onDone={onDone}
      />
    </form>
  )
}

function whole(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,4}$/.test(text.trim()) ? Number(text) : Number.NaN
  return number >= least && number <= most ? number : undefined
}
