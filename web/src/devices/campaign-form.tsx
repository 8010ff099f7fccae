import type { CampaignFilter } from '@gastwin/server/contract'
import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { Problem } from '../app/problem.tsx'
import { printNumber } from '../format/numbers.ts'
import { PlaceFilters } from './device-filters.tsx'
import { useDeviceText } from './device-text.ts'
import { ImageField } from './firmware-images.tsx'
import { Field } from './fit-form.tsx'
import { HeldAct } from './held-act.tsx'
import { ReasonField, SettingFields, type SettingWords, settingValue } from './order-form.tsx'
import { useDeviceApi } from './use-asked.tsx'

/** A campaign is written in its order: to whom, what, how carefully, why; nobody is told before the button was held. */
export function CampaignForm({ onDone }: { readonly onDone: () => void }) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const [name, setName] = useState('')
  const [places, setPlaces] = useState({ zone: '', profile: '', mark: '' })
  const [found, setFound] = useState<{ readonly filter: CampaignFilter; readonly devices: number }>()
  const [gives, setGives] = useState<'setting' | 'firmware'>('setting')
  const [image, setImage] = useState(0)
  const [setting, setSetting] = useState<SettingWords>({ parameter: 'report_base_s', value: '' })
  const [canary, setCanary] = useState('10')
  const [wave, setWave] = useState('500')
  const [stopRate, setStopRate] = useState('5')
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const count = async () => {
    const filter = Object.fromEntries(Object.entries(places).filter(([, value]) => value !== ''))
    const answer = await api.preview(filter)
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) setFound({ filter, devices: answer.value.devices })
  }
  const value = settingValue(setting)
  const isFirmware = gives === 'firmware'
  const [first, each, share] = [whole(canary), whole(wave), Number(stopRate) / 100]
  const ready =
    name.trim().length >= 3 &&
    found !== undefined &&
    found.devices > 0 &&
    (isFirmware ? image > 0 : value !== undefined) &&
    first !== undefined &&
    each !== undefined &&
    share >= 0 &&
    share <= 1 &&
    reason.trim().length >= 3
  return (
    <form className="order-form campaign-form" onSubmit={(event) => event.preventDefault()}>
      <h3>{t.campaigns.fresh}</h3>
      <Field label={t.campaigns.name} value={name} onChange={setName} />
      <PlaceFilters
        filter={places}
        onChange={(next) => {
          setPlaces(next)
          setFound(undefined)
        }}
      />
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
        </output>
      </div>
      {failure === undefined ? null : <Problem failure={failure} />}
      <div className="row-buttons">
        {(['setting', 'firmware'] as const).map((kind) => (
          <button key={kind} type="button" aria-pressed={gives === kind} onClick={() => setGives(kind)}>
            {t.campaigns.gives[kind]}
          </button>
        ))}
      </div>
      {isFirmware ? (
        <ImageField image={image} onChange={setImage} />
      ) : (
        <SettingFields setting={setting} onChange={setSetting} />
      )}
      <Field label={t.campaigns.canary} value={canary} onChange={setCanary} />
      <Field label={t.campaigns.wave} value={wave} onChange={setWave} />
      <Field label={t.campaigns.stopRate} value={stopRate} onChange={setStopRate} />
      <ReasonField reason={reason} onChange={setReason} />
      <HeldAct
        label={t.campaigns.hold}
        holding={t.order.holding}
        consequence={t.campaigns.consequence(printNumber(first), printNumber(found?.devices))}
        ready={ready}
        act={() =>
          api.begin({
            name: name.trim(),
            filter: found?.filter ?? {},
            ...(isFirmware ? { firmware: image } : { parameter: setting.parameter, value: value ?? 0 }),
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

const whole = (text: string): number | undefined => {
  const number = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0
  return number > 0 && number <= 5_000 ? number : undefined
}
