import type { FirmwareView } from '@gastwin/server/contract'
import { useState } from 'react'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { printTime } from '../format/time.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { HeldAct } from './held-act.tsx'
import { useRole } from './may-order.ts'
import { ReasonField } from './order-form.tsx'
import { AskedState, useAsked, useDeviceApi } from './use-asked.tsx'

const RENEW_MS = 10_000
const ask = (api: DeviceApi) => api.firmware()
const nameOf = ({ maker, model, version }: FirmwareView): string => `${maker} ${model} ${version}`

interface ImageFieldProps {
  /** Number of the chosen image, 0 before one is. */
  readonly image: number
  readonly onChange: (image: number) => void
}

/** Which image a campaign gives: those that devices can fetch. */
export function ImageField({ image, onChange }: ImageFieldProps) {
  const t = useDeviceText()
  const asked = useAsked('firmware', ask, RENEW_MS)
  const usable = asked.value?.items.filter(({ held, withdrawn_at }) => held && withdrawn_at === null) ?? []
  return (
    <label>
      {t.firmware.image}
      <select value={image} onChange={(event) => onChange(Number(event.target.value))}>
        <option value={0}>{usable.length === 0 ? t.firmware.none : t.firmware.choose}</option>
        {usable.map((one) => (
          <option key={one.number} value={one.number}>
            {nameOf(one)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Images on record, which versions devices run, and for administrators the way to add one. */
export function FirmwareImages() {
  const t = useDeviceText()
  const zone = useTimeZone()
  const asked = useAsked('firmware', ask, RENEW_MS)
  const mayUpload = useRole('admin')
  const list = asked.value
  return (
    <section className="campaign" aria-label={t.firmware.title}>
      <h3>{t.firmware.title}</h3>
      <AskedState asked={asked} what={t.firmware.title} />
      {list?.items.length === 0 ? <p className="empty">{t.firmware.none}</p> : null}
      {list === undefined || list.items.length === 0 ? null : (
        <table className="commands">
          <caption className="visually-hidden">{t.firmware.title}</caption>
          <thead>
            <tr>
              <th scope="col" className="number">
                #
              </th>
              <th scope="col">{t.firmware.image}</th>
              <th scope="col" className="number">
                {t.firmware.bytes}
              </th>
              <th scope="col" className="number">
                {t.firmware.security}
              </th>
              <th scope="col">{t.firmware.signer}</th>
              <th scope="col" className="number">
                {t.firmware.runs}
              </th>
              <th scope="col">{t.firmware.since}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((image) => (
              <tr key={image.number}>
                <td className="number">{image.number}</td>
                <td>
                  {nameOf(image)}
                  {image.withdrawn_at === null ? null : <span className="tag warn">{t.firmware.withdrawn}</span>}
                  {image.held ? null : <span className="tag warn">{t.firmware.lost}</span>}
                </td>
                <td className="number">{printNumber(image.size)}</td>
                <td className="number">{printNumber(image.security)}</td>
                <td>{image.signer}</td>
                <td className="number">{printNumber(image.devices)}</td>
                <td className="nowrap">{printTime(image.uploaded_at, zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {list === undefined || list.versions.length === 0 ? null : (
        <p className="second">
          {t.firmware.running}{' '}
          {list.versions.map(({ version, devices }) => `${version}: ${printNumber(devices)}`).join(' · ')}
        </p>
      )}
      {mayUpload ? <UploadForm onDone={asked.again} /> : null}
    </section>
  )
}

function UploadForm({ onDone }: { readonly onDone: () => void }) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const [open, setOpen] = useState(false)
  const [image, setImage] = useState<File>()
  const [signed, setSigned] = useState<File>()
  const [reason, setReason] = useState('')
  return (
    <>
      <div className="row-buttons">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t.firmware.add}
        </button>
      </div>
      {open ? (
        <form className="order-form" onSubmit={(event) => event.preventDefault()}>
          <FileField label={t.firmware.file} onChange={setImage} />
          <FileField label={t.firmware.signature} onChange={setSigned} />
          <ReasonField reason={reason} onChange={setReason} />
          <HeldAct
            label={t.firmware.hold}
            holding={t.order.holding}
            consequence={t.firmware.consequence}
            ready={image !== undefined && signed !== undefined && reason.trim().length >= 3}
            act={async () =>
              api.upload({ image: await base64Of(image), signed: await base64Of(signed), reason: reason.trim() })
            }
            done={nameOf}
            onDone={onDone}
          />
        </form>
      ) : null}
    </>
  )
}

interface FileFieldProps {
  readonly label: string
  readonly onChange: (file: File | undefined) => void
}

function FileField({ label, onChange }: FileFieldProps) {
  return (
    <label>
      {label}
      <input type="file" onChange={(event) => onChange(event.target.files?.[0])} />
    </label>
  )
}

async function base64Of(file: File | undefined): Promise<string> {
  const bytes = new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0))
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
