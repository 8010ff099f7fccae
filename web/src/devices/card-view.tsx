import type { ArchiveCells, DeviceCard } from '@gastwin/server/contract'
import { useCallback, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { saveFile } from '../gap/save-file.ts'
import { useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { Field } from './field.tsx'
import { FitForm } from './fit-form.tsx'
import { useMayAct, useRole } from './may-order.ts'
import { ReasonField } from './order-form.tsx'
import { AskedState, useAsked, useDeviceApi } from './use-asked.tsx'

const RENEW_MS = 30_000

interface CardViewProps {
  readonly number: string
  readonly kind: 'meter' | 'rtu' | 'valve'
}

/** What people know of the device: its row, its premises, who uses it, and which meters stood there. */
export function CardView({ number, kind }: CardViewProps) {
  const t = useDeviceText()
  const ask = useCallback((api: DeviceApi) => api.card(number), [number])
  const asked = useAsked(number, ask, RENEW_MS)
  const [clear, setClear] = useState<DeviceCard>()
  const [open, setOpen] = useState<'edit' | 'fit'>()
  const mayEdit = useRole('dispatcher')
  const mayFit = useRole('safety')
  const card = clear ?? asked.value
  const again = () => {
    setClear(undefined)
    asked.again()
  }
  const toggle = (what: 'edit' | 'fit') => setOpen(open === what ? undefined : what)
  return (
    <>
      <AskedState asked={asked} what={t.card.waiting} />
      {card === undefined ? null : <Facts card={card} />}
      {card === undefined ? null : (
        <div className="row-buttons">
          {mayEdit ? (
            <button type="button" aria-expanded={open === 'edit'} onClick={() => toggle('edit')}>
              {t.card.edit}
            </button>
          ) : null}
          {mayFit && kind === 'meter' ? (
            <button type="button" aria-expanded={open === 'fit'} onClick={() => toggle('fit')}>
              {t.fit.change}
            </button>
          ) : null}
          {mayEdit ? <ExportButton /> : null}
        </div>
      )}
      {open === 'edit' && card !== undefined ? (
        <EditForm device={card.device ?? number} cells={card.archive ?? {}} onDone={again} />
      ) : null}
      {open === 'fit' ? <FitForm point={number} onDone={again} /> : null}
      {card !== undefined && (card.premises !== null || card.customers.length > 0) && mayFit && clear === undefined ? (
        <Reveal number={number} onDone={setClear} />
      ) : null}
    </>
  )
}

function Facts({ card }: { readonly card: DeviceCard }) {
  const t = useDeviceText()
  const zone = useTimeZone()
  const empty = card.archive === null && card.premises === null && card.fittings.length === 0 && card.firmware === null
  return (
    <>
      {empty ? <p className="empty">{t.card.none}</p> : null}
      <Cells title={t.card.device} cells={card.archive} />
      {card.firmware === null ? null : (
        <p>
          {t.card.firmware} {card.firmware.version}
          {card.firmware.before === null ? null : <span className="second"> ← {card.firmware.before}</span>}
          <span className="second"> · {printInstant(card.firmware.since, zone)}</span>
        </p>
      )}
      <Cells title={t.card.premises} cells={card.premises} />
      {card.customers.map((customer) => (
        <Cells key={customer['customer']} title={t.card.customer} cells={customer} />
      ))}
      {card.fittings.length === 0 ? null : (
        <>
          <h3>{t.card.fittings}</h3>
          <ul className="fittings">
            {card.fittings.map((fitting) => (
              <li key={`${fitting.device}${fitting.fitted_at}`}>
                <b className="nowrap">{printInstant(fitting.fitted_at, zone)}</b>{' '}
                {t.card.fitted(fitting.device, fitting.before)}
                <span className="second">
                  {' '}
                  · {t.card.offset(printNumber(fitting.offset_m3, 3))} · {fitting.by}: {fitting.reason}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function Cells({ title, cells }: { readonly title: string; readonly cells: ArchiveCells | null }) {
  const t = useDeviceText()
  const shown = Object.entries(cells ?? {}).filter(([, value]) => value !== '')
  if (shown.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <dl className="facts">
        {shown.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{wordFor(t.card.cells, name)}</dt>
            <dd>{name === 'life' ? wordFor(t.life, value) : value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

const EDITABLE = ['maker', 'model', 'serial', 'group', 'tags', 'note'] as const
const LIVES = ['stored', 'installed', 'in_service', 'out_of_service', 'scrapped'] as const

interface EditFormProps {
  readonly device: string
  readonly cells: ArchiveCells
  readonly onDone: () => void
}

function EditForm({ device, cells, onDone }: EditFormProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const mayAct = useMayAct()
  const [row, setRow] = useState<ArchiveCells>(() =>
    Object.fromEntries([...EDITABLE, 'life'].map((name) => [name, cells[name] ?? ''])),
  )
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const save = async () => {
    const answer = await api.edit(device, row, reason.trim())
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) onDone()
  }
  return (
    <form
      className="order-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <label>
        {t.card.cells['life']}
        <select value={row['life']} onChange={(event) => setRow({ ...row, life: event.target.value })}>
          <option value="">–</option>
          {LIVES.map((life) => (
            <option key={life} value={life}>
              {t.life[life]}
            </option>
          ))}
        </select>
      </label>
      {EDITABLE.map((name) => (
        <Field
          key={name}
          label={wordFor(t.card.cells, name)}
          value={row[name] ?? ''}
          onChange={(value) => setRow({ ...row, [name]: value })}
        />
      ))}
      <ReasonField reason={reason} onChange={setReason} />
      <button type="submit" disabled={!mayAct || reason.trim().length < 3}>
        {t.card.save}
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

interface RevealProps {
  readonly number: string
  readonly onDone: (card: DeviceCard) => void
}

function Reveal({ number, onDone }: RevealProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const reveal = async () => {
    const answer = await api.reveal(number, reason.trim())
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) onDone(answer.value)
  }
  return (
    <form
      className="order-form"
      onSubmit={(event) => {
        event.preventDefault()
        void reveal()
      }}
    >
      <p className="second">
        {t.card.masked} {t.card.revealHint}
      </p>
      <ReasonField reason={reason} onChange={setReason} />
      <button type="submit" disabled={reason.trim().length < 3}>
        {t.card.reveal}
      </button>
      {failure === undefined ? null : <Problem failure={failure} />}
    </form>
  )
}

function ExportButton() {
  const t = useDeviceText()
  const { language } = useConsole()
  const words = useStore(language)
  const api = useDeviceApi()
  const save = async () => {
    const answer = await api.table('devices', words)
    if (answer.ok) saveFile('devices.csv', answer.value, 'text/csv;charset=utf-8')
  }
  return (
    <button type="button" title={t.card.exportHint} onClick={() => void save()}>
      {t.card.export}
    </button>
  )
}
