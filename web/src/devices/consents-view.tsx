import { useCallback, useState } from 'react'
import type { Answer, Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { printInstant, printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { CONSENT_STATES, type ConsentRow, type ConsentState, consentRows } from './consent-rows.ts'
import type { DeviceApi } from './device-api.ts'
import { useOrderText, useRecordText } from './device-text.ts'
import { useMayAct } from './may-order.ts'
import { type Asked, AskedAt, AskedState, useAsked, useDeviceApi } from './use-asked.tsx'

const RENEW_MS = 5_000

interface Both {
  readonly consents: Parameters<typeof consentRows>[0]
  readonly invitations: Parameters<typeof consentRows>[1]
}

/** Consents and invitations, of one meter or of all that the caller may see. */
export function useConsents(device?: string): Asked<Both> {
  const ask = useCallback(
    async (api: DeviceApi): Promise<Answer<Both>> => {
      const [consents, invitations] = await Promise.all([api.consents(device), api.invitations(device)])
      if (!consents.ok) return consents
      return invitations.ok
        ? { ok: true, value: { consents: consents.value, invitations: invitations.value } }
        : invitations
    },
    [device],
  )
  return useAsked(`consents ${device ?? ''}`, ask, RENEW_MS)
}

/** What customers were asked and agreed to, all over the city. */
export function ConsentsView() {
  const r = useRecordText().consents
  const asked = useConsents()
  const now = useNow(10_000)
  const [only, setOnly] = useState<ConsentState>()
  const rows = asked.value === undefined ? undefined : consentRows(asked.value.consents, asked.value.invitations, now)
  const shown = rows?.filter(({ state }) => only === undefined || state === only)
  const there = CONSENT_STATES.filter((name) => name === only || rows?.some(({ state }) => state === name))
  return (
    <>
      <div className="device-filters">
        <span className="second">{r.hint}</span>
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      {rows === undefined || rows.length === 0 ? null : (
        // biome-ignore lint/a11y/useSemanticElements: a row of switches, not a form
        <div className="device-filters" role="group" aria-label={r.filter}>
          <button type="button" aria-pressed={only === undefined} onClick={() => setOnly(undefined)}>
            {r.all} {printNumber(rows.length)}
          </button>
          {there.map((name) => (
            <button key={name} type="button" aria-pressed={only === name} onClick={() => setOnly(name)}>
              {wordFor(r.states, name)} {printNumber(rows.filter(({ state }) => state === name).length)}
            </button>
          ))}
        </div>
      )}
      <AskedState asked={asked} what={r.waiting} />
      {shown === undefined ? null : shown.length === 0 ? (
        <p className="empty">{rows?.length === 0 ? r.none : r.noneOf}</p>
      ) : (
        <ConsentTable rows={shown} now={now} onChanged={asked.again} />
      )}
    </>
  )
}

interface TableProps {
  readonly rows: readonly ConsentRow[]
  readonly now: number
  readonly onChanged: () => void
}

function ConsentTable({ rows, now, onChanged }: TableProps) {
  const r = useRecordText().consents
  return (
    <table className="all-consents">
      <caption className="visually-hidden">{r.title}</caption>
      <thead>
        <tr>
          <th scope="col">{r.meter}</th>
          <th scope="col">{r.state}</th>
          <th scope="col">{r.who}</th>
          <th scope="col">{r.what}</th>
          <th scope="col">{r.at}</th>
          <th scope="col">{r.until}</th>
          <th scope="col">
            <span className="visually-hidden">{r.revoke}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} now={now} onChanged={onChanged} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row, now, onChanged }: Omit<TableProps, 'rows'> & { readonly row: ConsentRow }) {
  const r = useRecordText().consents
  const ways = useOrderText().permits.ways
  const zone = useTimeZone()
  const { selection } = useConsole()
  const { id, point, state, given_by, how, what, by, by_customer, at, until } = row
  const who = given_by === null || by_customer ? r.asked(by) : r.recorded(by)
  return (
    <tr>
      <td>
        <button type="button" className="link id" onClick={() => selection.select({ kind: 'meter', id: point })}>
          {point}
        </button>
      </td>
      <td>
        <span className={`consent-state ${state}`}>{wordFor(r.states, state)}</span>{' '}
        <span className="second">{id}</span>
      </td>
      <td>
        {given_by === null ? NONE : given_by} {by_customer ? `(${r.self})` : ''} <span className="second">{who}</span>
      </td>
      <td>
        {how === null ? '' : `${wordFor(ways, how)} · `}
        {what}
      </td>
      <td className="nowrap" title={printInstant(at, zone)}>
        {printTime(at, zone, now)}
      </td>
      <td className="nowrap" title={printInstant(until, zone)}>
        {printTime(until, zone, now)}
      </td>
      <td>{state === 'holds' ? <Revoke id={id} onChanged={onChanged} /> : null}</td>
    </tr>
  )
}

/** Takes a consent back at once: the safe direction needs no held button. */
function Revoke({ id, onChanged }: { readonly id: string; readonly onChanged: () => void }) {
  const r = useRecordText().consents
  const api = useDeviceApi()
  const mayAct = useMayAct()
  const [failure, setFailure] = useState<Failure>()
  const revoke = async () => {
    const answer = await api.revokeConsent(id)
    setFailure(answer.ok ? undefined : answer.failure)
    onChanged()
  }
  return (
    <>
      <button type="button" disabled={!mayAct} aria-label={r.revokeOf(id)} onClick={() => void revoke()}>
        {r.revoke}
      </button>
      {failure === undefined ? null : <Problem failure={failure} />}
    </>
  )
}
