import type { SecurityFinding, SecurityReport } from '@gastwin/server/contract'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber, printPercent } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { saveFile } from '../gap/save-file.ts'
import type { DeviceOrderText } from '../text/en/device-orders.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { csvOf } from './csv-text.ts'
import type { DeviceApi } from './device-api.ts'
import { useOrderText } from './device-text.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 30_000
const ask = (api: DeviceApi) => api.security()

/** The security posture as it stands: what was found, how grave it is, what to do; for the screen, for paper and for a table. */
export function SecurityView() {
  const o = useOrderText()
  const zone = useTimeZone()
  const asked = useAsked('security', ask, RENEW_MS)
  const report = asked.value
  if (report === undefined) return <AskedState asked={asked} what={o.security.waiting} />
  return (
    <article className="security-report">
      <div className="title-row">
        <h3>{o.security.title}</h3>
        <span className="second">
          {o.security.asOf(printInstant(report.at, zone), printInstant(report.since, zone))}
        </span>
        <span className="spring" />
        <button type="button" onClick={() => window.print()}>
          {o.security.print}
        </button>
        <button
          type="button"
          onClick={() => saveFile('security-report.csv', `\uFEFF${reportTable(report, o)}`, 'text/csv;charset=utf-8')}
        >
          {o.security.save}
        </button>
        <AskedAt asked={asked} />
      </div>
      <Findings findings={report.findings} />
      <h3>{o.security.facts}</h3>
      <Posture report={report} />
      <h3>{o.security.threats}</h3>
      <Threats threats={report.threats} />
    </article>
  )
}

function Findings({ findings }: Pick<SecurityReport, 'findings'>) {
  const o = useOrderText()
  if (findings.length === 0) return <p className="empty">{o.security.noFinding}</p>
  return (
    <table className="findings">
      <caption className="visually-hidden">{o.security.findings}</caption>
      <thead>
        <tr>
          <th scope="col">{o.security.grade}</th>
          <th scope="col">{o.security.what}</th>
          <th scope="col">{o.security.todo}</th>
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <tr key={finding.code} className={finding.grade}>
            <td className="nowrap">
              <span className={finding.grade === 'serious' ? 'tag warn' : 'tag'}>
                {wordFor(o.security.grades, finding.grade)}
              </span>
            </td>
            <td>{findingText(finding, o)}</td>
            <td>{wordFor(o.security.todos, finding.code)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A share is a share; the rest are counts, days, a line. */
export function findingText({ code, value }: SecurityFinding, { security }: DeviceOrderText): string {
  return security.texts[code](code === 'few_sessions' ? `${printPercent(value)} %` : printNumber(value))
}

const listOf = ({ session, transport, address, nothing }: SecurityReport['rtus']): string =>
  [session, transport, address, nothing].map((n) => printNumber(n)).join(' / ')

function Posture({ report }: { readonly report: SecurityReport }) {
  const o = useOrderText()
  const { frame } = useText()
  const { devices, concentrators, rtus, actuators, audit, access } = report
  const rows = [
    [o.security.sessions, `${printNumber(devices.with_session)} / ${printNumber(devices.all)}`],
    [o.security.concentrators, listOf(concentrators)],
    [o.security.rtus, listOf(rtus)],
    [
      o.security.actuators,
      [actuators.sealed, actuators.clear, actuators.nothing].map((n) => printNumber(n)).join(' / '),
    ],
    [o.security.audit, `${printNumber(audit.records)}${audit.ok ? '' : ` · ${o.security.broken}`}`],
    [
      o.security.access,
      access
        .map(
          ({ kind, role, count }) =>
            `${wordFor(o.security.holders, kind)}: ${wordFor(frame.roles, role)} ${printNumber(count)}`,
        )
        .join(' · ') || printNumber(0),
    ],
  ] as const
  return (
    <dl className="facts keys">
      {rows.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Threats({ threats }: Pick<SecurityReport, 'threats'>) {
  const o = useOrderText()
  return (
    <table className="threats">
      <caption className="visually-hidden">{o.security.threats}</caption>
      <thead>
        <tr>
          <th scope="col">{o.security.threat}</th>
          <th scope="col">{o.security.probability}</th>
          <th scope="col">{o.security.risk}</th>
          <th scope="col">{o.security.state}</th>
          <th scope="col">{o.security.seen}</th>
        </tr>
      </thead>
      <tbody>
        {threats.map(({ number, object, threat, probability, risk, state, by, seen }) => (
          <tr key={number}>
            <td title={by}>{threatText({ number, object, threat }, o)}</td>
            <td>{wordFor(o.security.levels, probability)}</td>
            <td>{wordFor(o.security.levels, risk)}</td>
            <td>{wordFor(o.security.states, state)}</td>
            <td>
              {seen
                .filter(({ count }) => count > 0)
                .map(({ what, count }) => `${wordFor(o.security.signs, what)} ${printNumber(count)}`)
                .join(', ')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A threat in the language of the screen. */
const threatText = (
  { number, object, threat }: Pick<SecurityReport['threats'][number], 'number' | 'object' | 'threat'>,
  { security }: DeviceOrderText,
): string => `${number}. ${security.threatTexts[number] ?? `${object}: ${threat}`}`

/** Findings and threats as a table for spreadsheets. */
export function reportTable(
  { findings, threats }: Pick<SecurityReport, 'findings' | 'threats'>,
  o: DeviceOrderText,
): string {
  const { grade, what, todo, threat, state, seen } = o.security
  const rows = [
    [grade, what, todo],
    ...findings.map((one) => [
      wordFor(o.security.grades, one.grade),
      findingText(one, o),
      wordFor(o.security.todos, one.code),
    ]),
    [],
    [threat, state, seen],
    ...threats.map((one) => [
      threatText(one, o),
      wordFor(o.security.states, one.state),
      one.seen.map(({ what: sign, count }) => `${wordFor(o.security.signs, sign)} ${count}`).join(', '),
    ]),
  ]
  return csvOf(rows)
}
