import type { CampaignFilter, CampaignPreview } from '@gastwin/server/contract'
import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { PlaceFilters } from './device-filters.tsx'
import { useDeviceText, useOrderText } from './device-text.ts'
import { Field } from './field.tsx'
import { ImageField } from './firmware-images.tsx'
import { filterWords, type GroupFilter } from './group-filter.ts'
import { HeldAct } from './held-act.tsx'
import { useRole } from './may-order.ts'
import { OrderFields } from './order-fields.tsx'
import { ReasonField, SettingFields, type SettingWords, settingValue } from './order-form.tsx'
import { isConnection, NO_ORDER, type OrderWords, orderOfWords } from './order-words.ts'
import { useDeviceApi } from './use-asked.tsx'

interface CampaignFormProps {
  /** Chosen in the list of devices; undefined: to be chosen here. */
  readonly group: GroupFilter | undefined
  readonly onDone: () => void
}

/** A campaign is written in its order: to whom, what, how carefully, why; nobody is told before the button was held. */
export function CampaignForm({ group, onDone }: CampaignFormProps) {
  const t = useDeviceText()
  const o = useOrderText()
  const api = useDeviceApi()
  const zone = useTimeZone()
  const mayConnect = useRole('admin')
  const [name, setName] = useState('')
  const [places, setPlaces] = useState({ zone: '', profile: '', mark: '' })
  const [found, setFound] = useState<{ readonly filter: CampaignFilter } & CampaignPreview>()
  const [chosen, setChosen] = useState(group)
  const [gives, setGives] = useState<'setting' | 'order' | 'firmware'>(group === undefined ? 'setting' : 'order')
  const [way, setWay] = useState<'steps' | 'paced'>('steps')
  const [words, setWords] = useState<OrderWords>(NO_ORDER)
  const [image, setImage] = useState(0)
  const [setting, setSetting] = useState<SettingWords>({ parameter: 'report_base_s', value: '' })
  const [canary, setCanary] = useState('10')
  const [wave, setWave] = useState('500')
  const [stopRate, setStopRate] = useState('5')
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const count = async () => {
    const filter = chosen ?? Object.fromEntries(Object.entries(places).filter(([, value]) => value !== ''))
    const answer = await api.preview(filter)
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) setFound({ filter, ...answer.value })
  }
  const value = settingValue(setting)
  const order = isConnection(words.kind) && !mayConnect ? undefined : orderOfWords(words, zone)
  const isPaced = way === 'paced'
  const share = Number(stopRate) / 100
  // Everybody at once is a canary of all: what a busy cell cannot take waits of itself.
  const all = Math.min(MOST_A_STEP, Math.max(1, found?.devices ?? 1))
  const [first, each] = isPaced ? [all, MOST_A_STEP] : [whole(canary), whole(wave)]
  const given = {
    setting: value === undefined ? undefined : { parameter: setting.parameter, value },
    order: order && { order },
    firmware: image > 0 ? { firmware: image } : undefined,
  }[gives]
  const ready =
    name.trim().length >= 3 &&
    found !== undefined &&
    found.devices > 0 &&
    given !== undefined &&
    first !== undefined &&
    each !== undefined &&
    share >= 0 &&
    share <= 1 &&
    reason.trim().length >= 3
  return (
    <form className="order-form campaign-form" onSubmit={(event) => event.preventDefault()}>
      <h3>{t.campaigns.fresh}</h3>
      <Field label={t.campaigns.name} value={name} onChange={setName} />
      {chosen === undefined ? (
        <PlaceFilters
          filter={places}
          onChange={(next) => {
            setPlaces(next)
            setFound(undefined)
          }}
        />
      ) : (
        <p className="chosen-group">
          {o.group.chosen} {filterWords(chosen, t)}{' '}
          <button
            type="button"
            className="link"
            onClick={() => {
              setChosen(undefined)
              setFound(undefined)
            }}
          >
            {o.group.drop}
          </button>
        </p>
      )}
      <div className="row-buttons">
        <button type="button" onClick={() => void count()}>
          {t.campaigns.countDevices}
        </button>
        <output>
          {found === undefined
            ? ''
            : found.devices === 0
              ? t.campaigns.foundNone
              : t.campaigns.found(printNumber(found.devices))}
          {found?.second_person === true ? ` · ${o.group.second}` : ''}
        </output>
      </div>
      {failure === undefined ? null : <Problem failure={failure} />}
      <div className="row-buttons">
        {(['setting', 'order', 'firmware'] as const).map((kind) => (
          <button key={kind} type="button" aria-pressed={gives === kind} onClick={() => setGives(kind)}>
            {kind === 'order' ? o.order : t.campaigns.gives[kind]}
          </button>
        ))}
      </div>
      {gives === 'firmware' ? <ImageField image={image} onChange={setImage} /> : null}
      {gives === 'setting' ? <SettingFields setting={setting} onChange={setSetting} /> : null}
      {gives === 'order' ? <OrderFields words={words} onChange={setWords} /> : null}
      <div className="row-buttons">
        <span className="second">{o.group.how}</span>
        {(['steps', 'paced'] as const).map((name) => (
          <button key={name} type="button" aria-pressed={way === name} onClick={() => setWay(name)}>
            {o.group.ways[name]}
          </button>
        ))}
      </div>
      {isPaced ? null : <Field label={t.campaigns.canary} value={canary} onChange={setCanary} />}
      {isPaced ? null : <Field label={t.campaigns.wave} value={wave} onChange={setWave} />}
      <Field label={t.campaigns.stopRate} value={stopRate} onChange={setStopRate} />
      <ReasonField reason={reason} onChange={setReason} />
      <HeldAct
        label={t.campaigns.hold}
        holding={t.order.holding}
        consequence={
          isPaced
            ? o.group.pacedConsequence(printNumber(found?.devices))
            : t.campaigns.consequence(printNumber(first), printNumber(found?.devices))
        }
        ready={ready}
        act={() =>
          api.begin({
            name: name.trim(),
            filter: found?.filter ?? {},
            ...given,
            canary: first ?? 1,
            wave: each ?? 1,
            stop_rate: share,
            expected_devices: found?.devices ?? 0,
            reason: reason.trim(),
          })
        }
        done={(campaign) => campaign.id}
        onDone={onDone}
      />
    </form>
  )
}

/** The service takes no larger canary and no larger wave. */
const MOST_A_STEP = 5_000

const whole = (text: string): number | undefined => {
  const number = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0
  return number > 0 && number <= MOST_A_STEP ? number : undefined
}
