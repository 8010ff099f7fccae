import type { SpreadingProposal } from '@gastwin/server/contract'
import { useCallback, useState } from 'react'
import { printNumber } from '../format/numbers.ts'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText, useOrderText } from './device-text.ts'
import { HeldAct } from './held-act.tsx'
import { useRole } from './may-order.ts'
import { ReasonField } from './order-form.tsx'
import { SpreadingChart } from './spreading-chart.tsx'
import { AskedAt, AskedState, useAsked, useDeviceApi } from './use-asked.tsx'

const RENEW_MS = 15_000
const askCells = (api: DeviceApi) => api.cells()
const CAPACITY = '30'

/** Which radio cell, what it carries, what a plan would make of it, and the plan given to its meters. */
export function SpreadingTab() {
  const o = useOrderText()
  const asked = useAsked('cells', askCells, RENEW_MS)
  const [pci, setPci] = useState<number>()
  const [capacity, setCapacity] = useState(CAPACITY)
  const cells = asked.value?.toSorted((a, b) => b.meters - a.meters)
  const limit = /^\d{1,5}$/.test(capacity) && Number(capacity) > 0 ? Number(capacity) : undefined
  return (
    <>
      <div className="device-filters">
        {cells === undefined || cells.length === 0 ? null : (
          <label>
            {o.spreading.cell}
            <select
              value={pci ?? ''}
              onChange={(event) => setPci(event.target.value === '' ? undefined : Number(event.target.value))}
            >
              <option value="">{o.spreading.choose}</option>
              {cells.map((cell) => (
                <option key={cell.pci} value={cell.pci}>
                  {o.spreading.cells(String(cell.pci), printNumber(cell.meters))}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          {o.spreading.capacity}
          <input
            className="short"
            inputMode="numeric"
            autoComplete="off"
            aria-invalid={limit === undefined}
            value={capacity}
            onChange={(event) => setCapacity(event.target.value.trim())}
          />
        </label>
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      <AskedState asked={asked} what={o.spreading.waiting} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls needs a keyboard */}
      <section className="devices-scroll" tabIndex={0} aria-label={o.spreading.tab}>
        {cells?.length === 0 ? <p className="empty">{o.spreading.noCell}</p> : null}
        {pci === undefined ? <p className="empty">{o.spreading.hint}</p> : null}
        {pci === undefined || limit === undefined ? null : <Plan key={`${pci} ${limit}`} pci={pci} capacity={limit} />}
      </section>
    </>
  )
}

function Plan({ pci, capacity }: { readonly pci: number; readonly capacity: number }) {
  const o = useOrderText()
  const ask = useCallback((api: DeviceApi) => api.spreading(pci, capacity), [pci, capacity])
  const asked = useAsked(`${pci} ${capacity}`, ask, RENEW_MS)
  const plan = asked.value
  if (asked.failure?.code === 'API_NOT_FOUND') return <p className="empty">{o.spreading.nothing}</p>
  return (
    <>
      <AskedState asked={asked} what={o.spreading.tab} />
      {plan === undefined ? null : (
        <>
          <SpreadingChart plan={plan} />
          <Facts plan={plan} />
          <ApplyForm plan={plan} />
        </>
      )}
    </>
  )
}

function Facts({ plan }: { readonly plan: SpreadingProposal }) {
  const o = useOrderText()
  const { peak_before, peak_after, over_before, over_after, outage, groups } = plan
  const rows = [
    [o.spreading.peak, printNumber(peak_before, 1), printNumber(peak_after, 1)],
    [o.spreading.over, printNumber(over_before), printNumber(over_after)],
    [
      o.spreading.outage,
      `${o.spreading.atOnce}: ${returnWords(outage.at_once, o)}`,
      `${o.spreading.spread(printNumber(outage.spread_minutes))}: ${returnWords(outage.spread, o)}`,
    ],
  ] as const
  return (
    <table className="spreading-facts">
      <caption className="visually-hidden">{o.spreading.tab}</caption>
      <thead>
        <tr>
          <th scope="col">
            {printNumber(plan.meters)} {o.spreading.meters}
          </th>
          <th scope="col">{o.spreading.before}</th>
          <th scope="col">{o.spreading.after}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, before, after]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{before}</td>
            <td>{after}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">{o.spreading.groups}</th>
          <td />
          <td>
            <details>
              <summary>
                {o.spreading.groupsInAll(
                  printNumber(groups.length),
                  clock(Math.min(...groups.map(fromNoon)) + NOON_S),
                  clock(Math.max(...groups.map(fromNoon)) + NOON_S),
                )}
              </summary>
              {groups.map(({ report_base_s, report_spread_s, meters }) => (
                <div key={`${report_base_s} ${report_spread_s} ${meters[0]}`}>
                  {o.spreading.base} {clock(report_base_s)} · {o.spreading.step} {printNumber(report_spread_s)} ·{' '}
                  {printNumber(meters.length)}
                </div>
              ))}
            </details>
          </td>
        </tr>
      </tbody>
    </table>
  )
}

type Return = SpreadingProposal['outage']['spread']
const returnWords = ({ peak_per_minute, minutes }: Return, { spreading }: ReturnType<typeof useOrderText>): string =>
  minutes === null
    ? `${printNumber(peak_per_minute, 1)}, ${spreading.never}`
    : spreading.outages(printNumber(peak_per_minute, 1), printNumber(minutes))

const NOON_S = 43_200
/** A night goes over midnight: base times are in order from noon to noon. */
const fromNoon = ({ report_base_s: base }: SpreadingProposal['groups'][number]): number => (base + NOON_S) % 86_400

const clock = (seconds: number): string =>
  `${String(Math.floor(seconds / 3600) % 24).padStart(2, '0')}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}`

function ApplyForm({ plan }: { readonly plan: SpreadingProposal }) {
  const t = useDeviceText()
  const o = useOrderText()
  const api = useDeviceApi()
  const maySet = useRole('safety')
  const [reason, setReason] = useState('')
  if (!maySet) return <p className="second">{t.order.needsSafety}</p>
  return (
    <form className="order-form" onSubmit={(event) => event.preventDefault()}>
      <h3>{o.spreading.apply}</h3>
      <ReasonField reason={reason} onChange={setReason} />
      <HeldAct
        label={o.spreading.hold}
        holding={t.order.holding}
        consequence={o.spreading.consequence(printNumber(plan.meters))}
        ready={reason.trim().length >= 3}
        act={() =>
          api.spread(plan.pci, {
            capacity_per_minute: plan.capacity_per_minute,
            expected_meters: plan.meters,
            reason: reason.trim(),
          })
        }
        done={(campaign) => o.spreading.done(campaign.id)}
      />
    </form>
  )
}
