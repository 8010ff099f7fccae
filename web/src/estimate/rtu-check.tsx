import type { EstimateSensor } from '@gastwin/server/contract'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { printSigned } from '../format/numbers.ts'
import { printQuantity } from '../format/quantity.ts'
import { printDuration } from '../format/time.ts'
import { useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { doubtsOf } from './pipe-estimate.ts'

/** What an RTU shows beside what all other instruments say that it should. */
export function RtuCheck({ rtu }: { readonly rtu: string }) {
  const t = useText()
  const { estimate } = useConsole()
  const known = useStore(estimate)
  const now = useNow(1000)
  if (known === undefined) return null
  const { meta } = known
  const sensors = meta.sensors.filter((s) => s.rtu === rtu)
  const doubts = doubtsOf(meta, now)
  if (meta.status === 'waiting') return <p className="second">{t.estimate.doubts.waiting}</p>
  return (
    <section className="card" aria-label={t.estimate.check}>
      <div className="title-row">
        <h3>{t.estimate.check}</h3>
        <span className="second">{t.estimate.age(printDuration(Math.max(0, now - meta.at), t.frame.units))}</span>
      </div>
      {doubts.map((d) => (
        <p key={d}>⚠ {t.estimate.doubts[d]}</p>
      ))}
      {sensors.length === 0 ? <p className="second">{t.estimate.notJudged}</p> : null}
      <dl className="facts">
        {sensors.map((sensor) => (
          <Sensor key={sensor.kind} sensor={sensor} />
        ))}
      </dl>
    </section>
  )
}

function Sensor({ sensor }: { readonly sensor: EstimateSensor }) {
  const t = useText()
  const unit = sensor.kind === 'pressure' ? 'Pa' : 'm3/s'
  const value = (n: number | null) => printQuantity(n, unit, t.frame.units)
  const { residual, state, reason } = sensor
  return (
    <>
      <dt>{t.estimate.quantity[sensor.kind]}</dt>
      <dd>
        {t.estimate.shows} {value(sensor.measured)} · {t.estimate.should} {value(sensor.expected)}
        {residual === null ? null : (
          <>
            {' · '}
            <strong>
              {Math.abs(residual) < 2
                ? `${t.estimate.fits} (${printSigned(residual)} σ)`
                : t.estimate.off(printSigned(residual))}
            </strong>
          </>
        )}
        <br />
        {state === 'left_out' ? (
          <strong className="tag warn">✕ {t.estimate.states.left_out}</strong>
        ) : (
          <span className="quality">{t.estimate.states[state]}</span>
        )}
        {state === 'left_out' && reason !== null ? ` ${wordFor(t.estimate.reasons, reason)}` : ''}
      </dd>
    </>
  )
}
