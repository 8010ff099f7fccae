import type { QuarantineItem } from '@gastwin/server/contract'
import { useState } from 'react'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { FitForm } from './fit-form.tsx'
import { useRole } from './may-order.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 5_000
const ask = (api: DeviceApi) => api.quarantine()

/** What came in and could not be taken; a stranger can be adopted from here. */
export function QuarantineTab() {
  const t = useDeviceText()
  const zone = useTimeZone()
  const now = useNow(10_000)
  const mayAdopt = useRole('safety')
  const [adopting, setAdopting] = useState<string>()
  const asked = useAsked('quarantine', ask, RENEW_MS)
  const line = (item: QuarantineItem) => (
    <tr key={item.id}>
      <td>{wordFor(t.quarantine.reasons, item.reason)}</td>
      <td className="id">{item.device ?? NONE}</td>
      <td className="id">{item.source}</td>
      <td className="number">{printNumber(item.count)}</td>
      <td className="nowrap">{printTime(item.received_at, zone, now)}</td>
      <td className="hex cut" title={item.bytes_hex}>
        {item.bytes_hex}
      </td>
      <td>
        {item.device !== null && item.reason === 'unknown_device' && mayAdopt ? (
          <button
            type="button"
            aria-expanded={adopting === item.device}
            onClick={() => setAdopting(adopting === item.device ? undefined : (item.device ?? undefined))}
          >
            {t.fit.adopt}
          </button>
        ) : null}
      </td>
    </tr>
  )
  return (
    <>
      <div className="device-filters">
        <span className="second">{t.quarantine.hint}</span>
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      <AskedState asked={asked} what={t.waiting.quarantine} />
      {adopting === undefined ? null : <FitForm key={adopting} device={adopting} onDone={asked.again} />}
      <div className="devices-scroll">
        {asked.value === undefined ? null : asked.value.length === 0 ? (
          <p className="empty">{t.quarantine.none}</p>
        ) : (
          <table className="quarantine">
            <caption className="visually-hidden">{t.tabs.quarantine}</caption>
            <thead>
              <tr>
                <th scope="col">{t.quarantine.reason}</th>
                <th scope="col">{t.quarantine.device}</th>
                <th scope="col">{t.quarantine.source}</th>
                <th scope="col" className="number">
                  {t.quarantine.count}
                </th>
                <th scope="col">{t.quarantine.last}</th>
                <th scope="col">{t.quarantine.bytes}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.fit.adopt}</span>
                </th>
              </tr>
            </thead>
            <tbody>{asked.value.map(line)}</tbody>
          </table>
        )}
      </div>
    </>
  )
}
