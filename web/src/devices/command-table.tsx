import type { CommandRecord } from '@gastwin/server/contract'
import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { useDeviceText, useOrderText } from './device-text.ts'
import { useMayAct, useRole } from './may-order.ts'
import { isOrder, orderText } from './order-text.ts'
import { useDeviceApi } from './use-asked.tsx'

interface CommandTableProps {
  readonly commands: readonly CommandRecord[]
  /** Of many devices: each with its number. */
  readonly many: boolean
  readonly onChanged: () => void
}

/** Commands, one line each: what it is, how far, and what it waits for. */
export function CommandTable({ commands, many, onChanged }: CommandTableProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const mayAct = useMayAct()
  const maySet = useRole('safety')
  const [failure, setFailure] = useState<Failure>()
  const takeBack = async (id: number) => {
    const answer = await api.takeBack(id)
    setFailure(answer.ok ? undefined : answer.failure)
    onChanged()
  }
  return (
    <>
      {failure === undefined ? null : <Problem failure={failure} />}
      <table className="commands">
        <caption className="visually-hidden">{t.tabs.orders}</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              {t.ledger.id}
            </th>
            {many ? <th scope="col">{t.ledger.device}</th> : null}
            <th scope="col">{t.ledger.what}</th>
            <th scope="col">{t.ledger.state}</th>
            <th scope="col" className="number">
              {t.ledger.tries}
            </th>
            <th scope="col">{t.ledger.changed}</th>
            {many ? <th scope="col">{t.ledger.cause}</th> : null}
            <th scope="col">
              <span className="visually-hidden">{t.ledger.cancel}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {commands.map((command) => (
            <Line key={command.id} command={command} many={many}>
              {command.state === 'queued' && maySet ? (
                <button
                  type="button"
                  title={t.ledger.cancelHint}
                  disabled={!mayAct}
                  onClick={() => void takeBack(command.id)}
                >
                  {t.ledger.cancel}
                </button>
              ) : null}
            </Line>
          ))}
        </tbody>
      </table>
    </>
  )
}

interface LineProps {
  readonly command: CommandRecord
  readonly many: boolean
  readonly children: React.ReactNode
}

function Line({ command, many, children }: LineProps) {
  const t = useDeviceText()
  const o = useOrderText()
  const zone = useTimeZone()
  const now = useNow(10_000)
  const { selection } = useConsole()
  const { id, device, kind, state, tries, updated_at, setting, firmware, consent, waiting_for, error, cause } = command
  return (
    <tr>
      <td className="number">{id}</td>
      {many ? (
        <td>
          <button type="button" className="link id" onClick={() => selection.select({ kind: 'meter', id: device })}>
            {device}
          </button>
        </td>
      ) : null}
      <td>
        {isOrder(command) ? orderText(command, o) : wordFor(t.ledger.kinds, kind)}
        {setting === undefined
          ? ''
          : ` ${wordFor(t.order.parameters, setting.parameter)} = ${printNumber(setting.value)}`}
        {firmware === undefined ? '' : ` ${firmware.from ?? '?'} → ${firmware.version}`}
        {consent === undefined ? '' : ` · ${t.ledger.consent(consent)}`}
      </td>
      <td>
        {wordFor(t.ledger.states, state)}
        {waiting_for === null || waiting_for === undefined ? null : (
          <span className="second">
            {' '}
            · {t.ledger.waits}{' '}
            {waiting_for === 'proof' && isOrder(command) ? o.proof : wordFor(t.ledger.waiting, waiting_for)}
          </span>
        )}
        {error === null ? null : (
          <span className="second"> · {wordFor(isOrder(command) ? o.ends : t.ledger.ends, error)}</span>
        )}
      </td>
      <td className="number">{tries === 0 ? NONE : t.ledger.times(printNumber(tries))}</td>
      <td className="nowrap">{printTime(updated_at, zone, now)}</td>
      {many ? (
        <td className="cut" title={cause}>
          {cause}
        </td>
      ) : null}
      <td>{children}</td>
    </tr>
  )
}
