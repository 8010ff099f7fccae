import { useState } from 'react'
import { useDeviceText } from './device-text.ts'
import { Field } from './field.tsx'
import { HeldAct } from './held-act.tsx'
import { ReasonField } from './order-form.tsx'
import { useDeviceApi } from './use-asked.tsx'

interface FitFormProps {
  /** What is known already; the rest is asked for. */
  readonly point?: string
  readonly device?: string
  readonly onDone: () => void
}

/** Another meter at a point: one from quarantine, or one that was never heard. */
export function FitForm({ point: knownPoint, device: knownDevice, onDone }: FitFormProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const [point, setPoint] = useState(knownPoint ?? '')
  const [device, setDevice] = useState(knownDevice ?? '')
  const [oldEnd, setOldEnd] = useState('')
  const [newBegin, setNewBegin] = useState('')
  const [reason, setReason] = useState('')
  const end = cubicMetres(oldEnd)
  const begin = cubicMetres(newBegin)
  const ready =
    isNumber(point) &&
    isNumber(device) &&
    (oldEnd.trim() === '' || end !== undefined) &&
    begin !== undefined &&
    reason.trim().length >= 3
  return (
    <form className="order-form" onSubmit={(event) => event.preventDefault()}>
      <h3>{knownDevice === undefined ? t.fit.changing(point) : t.fit.adopting(device)}</h3>
      {knownPoint === undefined ? <Field label={t.fit.point} value={point} onChange={setPoint} /> : null}
      {knownDevice === undefined ? <Field label={t.fit.device} value={device} onChange={setDevice} /> : null}
      <Field label={t.fit.oldEnd} value={oldEnd} onChange={setOldEnd} hint={t.fit.oldEndHint} />
      <Field label={t.fit.newBegin} value={newBegin} onChange={setNewBegin} />
      <ReasonField reason={reason} onChange={setReason} />
      <HeldAct
        label={t.fit.hold}
        holding={t.fit.holding}
        consequence={t.fit.consequence}
        ready={ready}
        act={() =>
          api.fit({
            point: point.trim(),
            device: device.trim(),
            ...(end === undefined ? {} : { old_end_m3: end }),
            new_begin_m3: begin ?? 0,
            reason: reason.trim(),
          })
        }
        done={(fitting) => t.fit.done(fitting.device, fitting.point)}
        onDone={onDone}
      />
    </form>
  )
}

const isNumber = (text: string): boolean => /^[1-9]\d{0,13}$/.test(text.trim())
const cubicMetres = (text: string): number | undefined =>
  /^\d{1,9}(\.\d{1,4})?$/.test(text.trim()) ? Number(text) : undefined
