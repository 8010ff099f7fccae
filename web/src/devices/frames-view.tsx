import type { ExplainedFrame } from '@gastwin/server/contract'
import { useCallback } from 'react'
import { useTimeZone } from '../app/use-zones.ts'
import { printInstant } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 15_000

/** Raw frames, taken apart field by field; the newest one is unfolded. */
export function FramesView({ number }: { readonly number: string }) {
  const t = useDeviceText()
  const ask = useCallback((api: DeviceApi) => api.frames(number), [number])
  const asked = useAsked(number, ask, RENEW_MS)
  return (
    <>
      <AskedState asked={asked} what={t.frames.waiting} />
      {asked.value?.length === 0 ? <p className="empty">{t.frames.none}</p> : null}
      {asked.value?.map((frame, i) => (
        <Frame key={frame.id} frame={frame} open={i === 0} />
      ))}
      <AskedAt asked={asked} />
    </>
  )
}

function Frame({ frame, open }: { readonly frame: ExplainedFrame; readonly open: boolean }) {
  const t = useDeviceText()
  const zone = useTimeZone()
  return (
    <details className="frame-card" open={open}>
      <summary>
        <b className="nowrap">{printInstant(frame.received_at, zone)}</b> {wordFor(t.log.types, frame.outcome)}
        <span className="second">
          {' '}
          · {frame.format} · {t.frames.from(frame.source)}
        </span>
      </summary>
      {frame.problem === null ? null : (
        <p className="problem">
          {t.frames.problem}: {frame.problem}
        </p>
      )}
      <table className="fields">
        <thead>
          <tr>
            <th scope="col" className="number">
              {t.frames.at}
            </th>
            <th scope="col">{t.frames.field}</th>
            <th scope="col">{t.frames.meaning}</th>
            <th scope="col">{t.frames.bytes}</th>
          </tr>
        </thead>
        <tbody>
          {frame.fields.map((field) => (
            <tr key={field.offset}>
              <td className="number">{field.offset}</td>
              <td>{field.name}</td>
              <td>{field.meaning}</td>
              <td className="hex">{field.hex}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
