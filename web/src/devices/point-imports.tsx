import type { PointImportView } from '@gastwin/server/contract'
import { useNow } from '../app/use-now.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber } from '../format/numbers.ts'
import { printInstant, printTime } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import type { DeviceApi } from './device-api.ts'
import { useRecordText } from './device-text.ts'
import { useRole } from './may-order.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 5_000
const ask = (api: DeviceApi) => api.pointImports()

/** Tables of metering points that came into the running network: when, by whom, from which file, how many, in force or not. */
export function PointImports() {
  const r = useRecordText().points
  const maySee = useRole('dispatcher')
  return (
    <section className="point-imports" aria-label={r.title}>
      <h3>{r.title}</h3>
      {maySee ? <Tables /> : <p className="empty">{r.needsDispatcher}</p>}
    </section>
  )
}

function Tables() {
  const r = useRecordText().points
  const asked = useAsked('point imports', ask, RENEW_MS)
  return (
    <>
      <AskedState asked={asked} what={r.waiting} />
      {asked.value === undefined ? null : asked.value.length === 0 ? (
        <p className="empty">{r.none}</p>
      ) : (
        <table>
          <caption className="visually-hidden">{r.title}</caption>
          <thead>
            <tr>
              <th scope="col">{r.at}</th>
              <th scope="col">{r.who}</th>
              <th scope="col">{r.file}</th>
              <th scope="col" className="number">
                {r.points}
              </th>
              <th scope="col">{r.numbers}</th>
              <th scope="col">{r.state}</th>
            </tr>
          </thead>
          <tbody>
            {asked.value.map((one) => (
              <Table key={one.id} table={one} />
            ))}
          </tbody>
        </table>
      )}
      <AskedAt asked={asked} />
    </>
  )
}

function Table({
  table: { at, user, file, points, in_force, first, last, state },
}: {
  readonly table: PointImportView
}) {
  const r = useRecordText().points
  const zone = useTimeZone()
  const now = useNow(10_000)
  const isPart = in_force > 0 && in_force < points
  return (
    <tr>
      <td className="nowrap" title={at === null ? undefined : printInstant(at, zone)}>
        {at === null ? r.before : printTime(at, zone, now)}
      </td>
      <td>{user ?? NONE}</td>
      <td>{file ?? <span className="second">{r.noFile}</span>}</td>
      <td className="number">{printNumber(points)}</td>
      <td className="id">{first === last ? first : `${first} … ${last}`}</td>
      <td>{isPart ? r.partly(printNumber(in_force), printNumber(points)) : wordFor(r.states, state)}</td>
    </tr>
  )
}
