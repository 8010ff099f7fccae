import { useCallback } from 'react'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { printInstant, printTime } from '../format/time.ts'
import { saveFile } from '../gap/save-file.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { csvOf } from './csv-text.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText, useOrderText } from './device-text.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 15_000
/** As far back as a terminal keeps its own log. */
const MONTH_MS = 31 * 86_400_000

/** What came from the device and what the platform did about it. */
export function LogView({ number }: { readonly number: string }) {
  const t = useDeviceText()
  const o = useOrderText()
  const { deviceEvents } = useText()
  const zone = useTimeZone()
  const now = useNow(60_000)
  const ask = useCallback((api: DeviceApi, at: number) => api.log(number, at - MONTH_MS, at + 60_000), [number])
  const asked = useAsked(number, ask, RENEW_MS)
  const word = (source: string, what: string) =>
    source === 'event'
      ? wordFor(deviceEvents, what.replace(/^device_/, ''))
      : source === 'terminal'
        ? wordFor(o.log.words, what.replace(/^terminal_/, ''))
        : wordFor(t.log.types, what)
  const who = (source: string) => (source === 'terminal' ? o.log.terminal : wordFor(t.log.sources, source))
  const save = () => {
    const lines = asked.value ?? []
    const rows = lines.map(({ at, source, what, detail }) => [
      printInstant(at, zone),
      who(source),
      word(source, what),
      source === 'event' ? '' : detail,
    ])
    const head = [t.log.time, t.log.source, t.log.what, t.log.detail]
    saveFile(`log-${number}.csv`, `\uFEFF${csvOf([head, ...rows])}`, 'text/csv;charset=utf-8')
  }
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
              <tr key={`${line.source}${line.position}${line.what}${line.at}`}>
                <td className="nowrap">{printTime(line.at, zone, now)}</td>
                <td className="nowrap">{who(line.source)}</td>
                <td>{word(line.source, line.what)}</td>
                <td className="second">{line.source === 'event' ? '' : line.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="row-buttons">
        {asked.value === undefined || asked.value.length === 0 ? null : (
          <button type="button" onClick={save}>
            {o.log.save}
          </button>
        )}
        <AskedAt asked={asked} />
      </div>
    </>
  )
}
