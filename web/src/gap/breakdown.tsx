import type { GapStatement } from '@gastwin/server/contract'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { NONE, printNumber, printSigned } from '../format/numbers.ts'
import type { Dictionary } from '../text/en/index.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import { printSpan } from './print-span.ts'
import { WaterfallChart } from './waterfall-chart.tsx'

/** The gap of a zone and what it is made of. */
export function Breakdown({
  zone,
  statement,
}: {
  readonly zone: string
  readonly statement: GapStatement | undefined
}) {
  const t = useText()
  const zoneName = useZoneName()
  const timeZone = useTimeZone()
  return (
    <section className="breakdown" aria-labelledby="breakdown-title">
      <div className="panel-head">
        <h2 id="breakdown-title" className="cut" data-zone={zone}>
          {zoneName(zone)}
        </h2>
        <span className="second nowrap">
          {statement === undefined ? '' : printSpan(statement.from, statement.to, timeZone)}
        </span>
      </div>
      {statement === undefined ? (
        <p className="empty">{t.gap.noStatement}</p>
      ) : (
        <div className="breakdown-body">
          <p className="gap-figure">
            <span className="second">{t.gap.how.gap}</span>{' '}
            <How
              title={`${t.gap.how.gap} · ${zone}`}
              value={gapText(statement, t)}
              formula={t.gap.how.gapFormula}
              statement={statement}
            >
              <b>{statement.gap_rate === null ? NONE : printSigned(statement.gap_rate * 100)} %</b>{' '}
              {printSigned(statement.gap_m3, 0)} m³
            </How>{' '}
            <span className="second nowrap">{t.gap.worth(printNumber(sumOfYuan(statement)))}</span>
          </p>
          <WaterfallChart statement={statement} />
        </div>
      )}
    </section>
  )
}

const gapText = ({ gap_rate, gap_m3 }: GapStatement, t: Dictionary) =>
  t.gap.gapOf(gap_rate === null ? NONE : printSigned(gap_rate * 100), `${printSigned(gap_m3, 0)} m³`)

const sumOfYuan = ({ shares_yuan }: GapStatement) => Object.values(shares_yuan).reduce((sum, { p50 }) => sum + p50, 0)
