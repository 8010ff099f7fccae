import { useCallback } from 'react'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 15_000
const WEEK_MS = 7 * 86_400_000

/** What came from the device and what the platform did about it. */
export function LogView({ number }: { readonly number: string }) {
  const t = useDeviceText()
  const { deviceEvents } = useText()
  const zone = useTimeZone()
  const now = useNow(60_000)
  const ask = useCallback((api: DeviceApi, at: number) => api.log(number, at - WEEK_MS, at + 60_000), [number])
  const asked = useAsked(number, ask, RENEW_MS)
  const word = (source: string, what: string) =>
    source === 'event' ? wordFor(deviceEvents, what.replace(/^device_/, '')) : wordFor(t.log.types, what)
  return (
    <>
      <p className="second">{t.log.hint}</p>
      <AskedState asked={asked} what={t.log.waiting} />
      {asked.value === undefined ? null : asked.value.length === 0 ? (
        <p className="empty">{t.log.none}</p>
      ) : (
        <table className="log-lines">
          <thead>
            <tr>
              <th scope="col">{t.log.time}</th>
              <th scope="col">{t.log.source}</th>
              <th scope="col">{t.log.what}</th>
              <th scope="col">{t.log.detail}</th>
            </tr>
          </thead>
          <tbody>
            {asked.value.map((line) => (
              <tr key={`${line.source}${line.position}${line.what}`}>
                <td className="nowrap">{printTime(line.at, zone, now)}</td>
                <td className="nowrap">{wordFor(t.log.sources, line.source)}</td>
                <td>{word(line.source, line.what)}</td>
                <td className="second">{line.source === 'event' ? '' : line.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <AskedAt asked={asked} />
    </>
  )
}
