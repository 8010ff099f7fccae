import type { IsolationPlan } from '@gastwin/server/contract'
import { NONE, printNumber } from '../format/numbers.ts'
import { printQuantity } from '../format/quantity.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'

/** What closes, in order. */
export function PlanValves({ plan }: { readonly plan: IsolationPlan }) {
  const t = useText()
  if (plan.close.length === 0) return <p className="second">{t.safety.noValves}</p>
  return (
    <table>
      <caption className="visually-hidden">{t.safety.valves}</caption>
      <thead>
        <tr>
          <th scope="col">{t.safety.order}</th>
          <th scope="col">{t.safety.valve}</th>
          <th scope="col">{t.safety.actuator}</th>
          <th scope="col" className="number">
            {t.safety.travel}
          </th>
          <th scope="col">{t.safety.position}</th>
        </tr>
      </thead>
      <tbody>
        {plan.close.map((v) => (
          <tr key={v.valve}>
            <td className="number">{v.order}</td>
            <td className="id">{v.valve}</td>
            <td>{v.actuator === 'remote' ? t.assets.remote : t.assets.manual}</td>
            <td className="number">{printMinutes(v.travel_minutes, t.frame.units.min)}</td>
            <td>{wordFor(t.assets.valvePositions, v.position)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function printMinutes(minutes: number | null, word: string): string {
  if (minutes === null) return NONE
  return minutes < 1 ? `<\u00a01\u00a0${word}` : `${printNumber(minutes, minutes < 10 ? 1 : 0)}\u00a0${word}`
}

/** Who loses gas and what can go wrong: stands beside the button, not on an earlier step. */
export function PlanConsequences({ plan }: { readonly plan: IsolationPlan }) {
  const t = useText()
  const words = t.frame.units
  const { cut_off: off, lowest_pressure: lowest } = plan
  const limit = lowest?.limit_pa
  const below = lowest !== null && limit !== null && limit !== undefined && lowest.pressure_pa < limit
  return (
    <>
      <dl className="facts">
        <dt>{t.safety.customers}</dt>
        <dd>
          <strong>{printNumber(off.meters)}</strong>
        </dd>
        <dt>{t.safety.commercial}</dt>
        <dd>{printNumber(off.commercial)}</dd>
        <dt>{t.safety.industrial}</dt>
        <dd>{printNumber(off.industrial)}</dd>
        <dt>{t.safety.protected}</dt>
        <dd>
          {off.protected.length === 0
            ? t.safety.protectedNone
            : off.protected.map((p) => `${wordFor(t.assets.protectedKinds, p.kind)} ${p.meter}`).join(', ')}
        </dd>
        <dt>{t.safety.demand}</dt>
        <dd>{printQuantity(off.demand_m3_s, 'm3/s', words)}</dd>
        <dt>{t.safety.lowest}</dt>
        <dd>
          {lowest === null ? (
            t.safety.notComputed
          ) : (
            <>
              {below ? <strong className="tag warn">▼ {t.safety.lowestBelow}</strong> : null}{' '}
              {printQuantity(lowest.pressure_pa, 'Pa', words)}{' '}
              {limit === null || limit === undefined
                ? t.safety.lowestNoLimit(lowest.node)
                : t.safety.lowestAt(lowest.node, printQuantity(limit, 'Pa', words))}
              {below || limit === null ? null : <span className="quality"> · {t.safety.lowestHolds}</span>}
            </>
          )}
        </dd>
        <dt>{t.safety.vent}</dt>
        <dd>{printQuantity(plan.gas_to_vent_m3, 'm3', words)}</dd>
        <dt>{t.safety.pipes}</dt>
        <dd>{printNumber(off.pipes.length)}</dd>
        <dt>{t.safety.totalTime}</dt>
        <dd>{plan.minutes_total === null ? t.safety.unknownTime : printMinutes(plan.minutes_total, words.min)}</dd>
      </dl>
      {below ? <p className="problem">▼ {t.safety.lowestWarning}</p> : null}
      {off.meters > 0 ? <p className="second">{t.safety.relight}</p> : null}
    </>
  )
}
