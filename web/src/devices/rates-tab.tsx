import type { ReadingRate, ReadingRates } from '@gastwin/server/contract'
import { useCallback, useState } from 'react'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { printNumber, printShare } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import { printDate } from '../gap/print-span.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const GROUPS = ['day', 'zone', 'maker', 'technology', 'medium'] as const
const RENEW_MS = 15_000
const askConcentrators = (api: DeviceApi) => api.concentrators()

/** Of the daily values that were due: how many came on their day, at all, and without doubt. */
export function RatesTab() {
  const t = useDeviceText()
  const zone = useTimeZone()
  const [by, setBy] = useState<ReadingRates['by']>('day')
  const ask = useCallback((api: DeviceApi) => api.rates(by), [by])
  const asked = useAsked(by, ask, RENEW_MS)
  const rates = asked.value
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a row of switches, not a form */}
      <div className="device-filters" role="group" aria-label={t.rates.by}>
        {GROUPS.map((name) => (
          <button key={name} type="button" aria-pressed={name === by} onClick={() => setBy(name)}>
            {t.rates.groups[name]}
          </button>
        ))}
        {rates === undefined ? null : (
          <span className="second">{t.rates.span(printDate(rates.from, zone), printDate(rates.to - 1, zone))}</span>
        )}
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      <AskedState asked={asked} what={t.waiting.rates} />
      <div className="devices-scroll">
        {rates === undefined ? null : rates.all.due === 0 ? (
          <p className="empty">{t.rates.none}</p>
        ) : (
          <table className="rates">
            <caption className="visually-hidden">{t.tabs.rates}</caption>
            <thead>
              <tr>
                <th scope="col">{t.rates.groups[by]}</th>
                <th scope="col" className="number">
                  {t.rates.meters}
                </th>
                <th scope="col">{t.rates.success}</th>
                <th scope="col">{t.rates.completeness}</th>
                <th scope="col">{t.rates.accuracy}</th>
              </tr>
            </thead>
            <tbody>
              <Rate rate={rates.all} by={by} />
              {rates.items
                .filter(({ due }) => due > 0)
                .map((rate) => (
                  <Rate key={rate.group} rate={rate} by={by} />
                ))}
            </tbody>
          </table>
        )}
        <Concentrators />
      </div>
    </>
  )
}

function Rate({ rate, by }: { readonly rate: ReadingRate; readonly by: ReadingRates['by'] }) {
  const t = useDeviceText()
  const zoneName = useZoneName()
  const all = rate.group === '' && rate.meters > 0
  const name = {
    day: rate.group,
    zone: zoneName(rate.group),
    maker: rate.group,
    technology: wordFor(t.rates.technologies, rate.group),
    medium: wordFor(t.rates.media, rate.group),
  }[by]
  return (
    <tr className={all ? 'all' : undefined}>
      <th scope="row">{rate.group === '' ? (all ? t.rates.all : t.rates.noGroup) : name}</th>
      <td className="number">{printNumber(rate.meters)}</td>
      <Share part={rate.in_time} whole={rate.due} />
      <Share part={rate.read} whole={rate.due} />
      <Share part={rate.accurate} whole={rate.read} />
    </tr>
  )
}

function Share({ part, whole }: { readonly part: number; readonly whole: number }) {
  return (
    <td className="nowrap">
      <span className="rate-bar" aria-hidden="true">
        <i style={{ width: whole === 0 ? 0 : `${(100 * part) / whole}%` }} />
      </span>{' '}
      {printShare(part, whole)}
    </td>
  )
}

function Concentrators() {
  const t = useDeviceText()
  const { frame } = useText()
  const now = useNow(10_000)
  const asked = useAsked('concentrators', askConcentrators, RENEW_MS)
  const list = asked.value
  return (
    <>
      <h3 className="devices-heading">{t.rates.concentrators}</h3>
      {list === undefined ? null : list.length === 0 ? (
        <p className="empty">{t.rates.noConcentrators}</p>
      ) : (
        <table className="concentrators">
          <thead>
            <tr>
              <th scope="col">{t.rates.number}</th>
              <th scope="col">{t.rates.state}</th>
              <th scope="col">{t.rates.believedBy}</th>
              <th scope="col" className="number">
                {t.rates.meters}
              </th>
              <th scope="col" className="number">
                {t.rates.missing}
              </th>
              <th scope="col" className="number">
                {t.rates.givenUp}
              </th>
              <th scope="col">{t.rates.heard}</th>
            </tr>
          </thead>
          <tbody>
            {list.map((one) => (
              <tr key={one.number}>
                <td className="id">{one.id}</td>
                <td>{wordFor(t.rates.states, one.state)}</td>
                <td>{wordFor(t.rates.beliefs, one.believed_by)}</td>
                <td className="number">{printNumber(one.meters)}</td>
                <td className="number">{printNumber(one.missing)}</td>
                <td className="number">{printNumber(one.given_up)}</td>
                <td className="nowrap">
                  {one.last_heard_at === null
                    ? frame.never
                    : t.ago(printDuration(now - one.last_heard_at, frame.units))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
