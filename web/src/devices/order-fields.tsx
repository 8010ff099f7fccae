import { useId } from 'react'
import { printNumber } from '../format/numbers.ts'
import { useOrderText } from './device-text.ts'
import { Field } from './field.tsx'
import { useRole } from './may-order.ts'
import { isConnection, MOST_TIERS, ORDER_KINDS, type OrderKind, type OrderWords } from './order-words.ts'

interface OrderFieldsProps {
  readonly words: OrderWords
  readonly onChange: (words: OrderWords) => void
  /** All that meters take when not said. */
  readonly kinds?: readonly OrderKind[]
}

/** An order to a device, or to many: what, and what it needs. */
export function OrderFields({ words, onChange, kinds = ORDER_KINDS }: OrderFieldsProps) {
  const t = useOrderText()
  const mayConnect = useRole('admin')
  const { kind } = words
  return (
    <>
      <label>
        {t.what}
        <select value={kind} onChange={(event) => onChange({ ...words, kind: event.target.value as OrderKind })}>
          {kinds.map((name) => (
            <option key={name} value={name} disabled={isConnection(name) && !mayConnect}>
              {t.kinds[name]}
            </option>
          ))}
        </select>
      </label>
      {kind === 'month' ? (
        <Field
          label={t.month}
          value={words.month}
          onChange={(month) => onChange({ ...words, month })}
          hint={t.monthHint}
        />
      ) : kind === 'log' ? (
        <Field label={t.days} value={words.days} onChange={(days) => onChange({ ...words, days })} hint={t.daysHint} />
      ) : isConnection(kind) ? (
        <Field
          label={kind === 'apn' ? t.apn : t.address}
          value={words.address}
          onChange={(address) => onChange({ ...words, address })}
          hint={mayConnect ? t.sealed : t.adminOnly}
        />
      ) : kind === 'price' ? (
        <PriceFields words={words} onChange={onChange} />
      ) : null}
    </>
  )
}

function PriceFields({ words, onChange }: Omit<OrderFieldsProps, 'kinds'>) {
  const t = useOrderText()
  const group = useId()
  const { tiers, from, when } = words
  const change = (at: number, more: Partial<OrderWords['tiers'][number]>) =>
    onChange({ ...words, tiers: tiers.map((tier, i) => (i === at ? { ...tier, ...more } : tier)) })
  return (
    <fieldset className="price-steps" aria-labelledby={group}>
      <legend id={group} className="visually-hidden">
        {t.kinds['price']}
      </legend>
      {tiers.map((tier, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is what stands at its place
        <div className="price-step" key={i}>
          <Field label={t.tier(printNumber(i + 1))} value={tier.yuan} onChange={(yuan) => change(i, { yuan })} />
          {i < tiers.length - 1 ? (
            <Field label={t.upTo} value={tier.to} onChange={(to) => change(i, { to })} />
          ) : (
            <span className="second">{t.lastTier}</span>
          )}
        </div>
      ))}
      <div className="row-buttons">
        <button
          type="button"
          disabled={tiers.length >= MOST_TIERS}
          onClick={() => onChange({ ...words, tiers: [...tiers, { yuan: '', to: '' }] })}
        >
          {t.addTier}
        </button>
        <button
          type="button"
          disabled={tiers.length === 1}
          onClick={() => onChange({ ...words, tiers: tiers.slice(0, -1) })}
        >
          {t.dropTier}
        </button>
      </div>
      <label>
        {t.from}
        <select
          value={from}
          onChange={(event) => onChange({ ...words, from: event.target.value as OrderWords['from'], when: '' })}
        >
          {(['now', 'day', 'at'] as const).map((name) => (
            <option key={name} value={name}>
              {t.froms[name]}
            </option>
          ))}
        </select>
      </label>
      {from === 'now' ? null : (
        <Field
          label={from === 'day' ? t.day : t.at}
          value={when}
          onChange={(next) => onChange({ ...words, when: next })}
        />
      )}
    </fieldset>
  )
}
