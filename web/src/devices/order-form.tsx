import { COMMAND_PARAMETERS, PARAMETER_LIMITS } from '@gastwin/server/contract'
import { useId, useState } from 'react'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { useDeviceText, useOrderText } from './device-text.ts'
import { HeldAct } from './held-act.tsx'
import { useRole } from './may-order.ts'
import { OrderFields } from './order-fields.tsx'
import { isConnection, NO_ORDER, ORDERS_OF, type OrderWords, orderOfWords } from './order-words.ts'
import { useDeviceApi } from './use-asked.tsx'

type Parameter = (typeof COMMAND_PARAMETERS)[number]
const LEAST_REASON = 3

interface OrderFormProps {
  readonly number: string
  readonly of: 'meter' | 'rtu' | 'valve'
  readonly onDone: () => void
}

const ACTS_OF_METER = ['setting', 'order', 'close'] as const

/** A command to one device: what, why, and a hand that means it. */
export function OrderForm({ number, of, onDone }: OrderFormProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const o = useOrderText()
  const zone = useTimeZone()
  const maySet = useRole('safety')
  const mayConnect = useRole('admin')
  const [kind, setKind] = useState<(typeof ACTS_OF_METER)[number]>(of === 'meter' ? 'setting' : 'order')
  const [words, setWords] = useState<OrderWords>({ ...NO_ORDER, kind: ORDERS_OF[of][0] ?? 'read' })
  const [setting, setSetting] = useState<SettingWords>({ parameter: 'report_base_s', value: '' })
  const [reason, setReason] = useState('')
  // The same form sent twice is the same command, until one of its words changes.
  const [key, setKey] = useState(freshKey)
  if (!maySet) return <p className="second">{t.order.needsSafety}</p>
  const value = settingValue(setting)
  const order = isConnection(words.kind) && !mayConnect ? undefined : orderOfWords(words, zone)
  const why = { reason: reason.trim(), idempotency_key: key }
  const acts = {
    setting: () => api.set({ device: number, parameter: setting.parameter, value: value ?? 0, ...why }),
    order: () => api.order({ device: number, order: order ?? { kind: 'read' }, ...why }),
    close: () => api.close(number, reason.trim(), key),
  }
  const isWhole = { setting: value !== undefined, order: order !== undefined, close: true }[kind]
  return (
    <form className="order-form" onSubmit={(event) => event.preventDefault()} onChange={() => setKey(freshKey())}>
      <h3>{t.order.title}</h3>
      {of === 'meter' ? (
        <div className="row-buttons">
          {ACTS_OF_METER.map((name) => (
            <button key={name} type="button" aria-pressed={name === kind} onClick={() => setKind(name)}>
              {name === 'order' ? o.order : t.order.kinds[name]}
            </button>
          ))}
        </div>
      ) : null}
      {kind === 'setting' ? <SettingFields setting={setting} onChange={setSetting} /> : null}
      {kind === 'order' ? <OrderFields words={words} onChange={setWords} kinds={ORDERS_OF[of]} /> : null}
      <ReasonField reason={reason} onChange={setReason} />
      <HeldAct
        key={kind}
        label={kind === 'close' ? t.order.holdClose : t.order.holdSetting}
        holding={t.order.holding}
        consequence={{ setting: t.order.setting, order: o.consequence, close: t.order.close }[kind]}
        ready={reason.trim().length >= LEAST_REASON && isWhole}
        act={acts[kind]}
        done={(command) => t.order.done(String(command.id))}
        onDone={() => {
          setKey(freshKey())
          onDone()
        }}
      />
    </form>
  )
}

const freshKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-')

export interface SettingWords {
  readonly parameter: Parameter
  /** As it was typed. */
  readonly value: string
}

/** The number that was typed, when the parameter may have it. */
export function settingValue({ parameter, value }: SettingWords): number | undefined {
  const [least, most] = PARAMETER_LIMITS[parameter]
  const number = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN
  return number >= least && number <= most ? number : undefined
}

interface SettingFieldsProps {
  readonly setting: SettingWords
  readonly onChange: (setting: SettingWords) => void
}

export function SettingFields({ setting, onChange }: SettingFieldsProps) {
  const t = useDeviceText()
  const hint = useId()
  const [least, most] = PARAMETER_LIMITS[setting.parameter]
  const { value } = setting
  return (
    <>
      <label>
        {t.order.parameter}
        <select
          value={setting.parameter}
          onChange={(event) => onChange({ ...setting, parameter: event.target.value as Parameter })}
        >
          {COMMAND_PARAMETERS.map((name) => (
            <option key={name} value={name}>
              {t.order.parameters[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.order.value}
        <input
          inputMode="numeric"
          autoComplete="off"
          aria-describedby={hint}
          aria-invalid={value !== '' && settingValue(setting) === undefined}
          value={value}
          onChange={(event) => onChange({ ...setting, value: event.target.value })}
        />
        <span className="second" id={hint}>
          {t.order.range(printNumber(least), printNumber(most))}
        </span>
      </label>
    </>
  )
}

interface ReasonFieldProps {
  readonly reason: string
  readonly onChange: (reason: string) => void
}

export function ReasonField({ reason, onChange }: ReasonFieldProps) {
  const t = useDeviceText()
  const hint = useId()
  return (
    <label>
      {t.order.reason}
      <input
        autoComplete="off"
        maxLength={500}
        aria-describedby={hint}
        value={reason}
        onChange={(event) => onChange(event.target.value)}
      />
      <span className="second" id={hint}>
        {t.order.reasonHint}
      </span>
    </label>
  )
}
