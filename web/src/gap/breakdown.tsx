import type { GapStatement } from '@gastwin/server/contract'
import { useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { NONE, printNumber, printPercent, printSigned } from '../format/numbers.ts'
import type { Dictionary } from '../text/en/index.ts'
import { useText } from '../text/use-text.ts'
import { How } from './how-computed.tsx'
import { KnownLeaks } from './known-leaks.tsx'
import { printDate, printSpan } from './print-span.ts'
import { reportSheet } from './report-sheet.ts'
import { saveFile } from './save-file.ts'
import { sheetPicture } from './sheet-picture.ts'
import { isStated, type StatedGap } from './statement-figures.ts'
import type { RankedSuspect } from './suspect-figures.ts'
import { WaterfallChart } from './waterfall-chart.tsx'

/** The gap of a zone and what it is made of. */
export function Breakdown({
  zone,
  statement,
  ranked,
}: {
  readonly zone: string
  readonly statement: GapStatement | undefined
  /** Suspects of the zone, which stand on the picture too. */
  readonly ranked: readonly RankedSuspect[]
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
        <span className="spring" />
        {statement === undefined ? null : <PictureButton statement={statement} zone={zoneName(zone)} ranked={ranked} />}
      </div>
      {statement === undefined ? (
        <p className="empty">{t.gap.noStatement}</p>
      ) : !isStated(statement) ? (
        <NoSupply statement={statement} />
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
            <FilledSupply statement={statement} />
          </p>
          <WaterfallChart statement={statement} />
          <KnownLeaks statement={statement} />
        </div>
      )}
    </section>
  )
}

/** Why a zone has no gap in this period, and what brings one. */
function NoSupply({ statement }: { readonly statement: GapStatement }) {
  const t = useText()
  const words = t.gap.noSupply
  return (
    <div className="breakdown-body no-supply" role="status">
      <p className="gap-figure">
        <How title={words.title} value={words.title} formula={words.why} statement={statement}>
          <b>{words.title}</b>
        </How>{' '}
        <span className="second">
          {words.heard(printPercent(statement.inlet_coverage, 0))} · {t.gap.how.sales} {printNumber(statement.sales_m3)}{' '}
          m³
        </span>
      </p>
      <p>{words.why}</p>
      <p>{words.act}</p>
    </div>
  )
}

/** By how much the supply may differ for hours that were filled; nothing is said of less than a tenth of a percent. */
function FilledSupply({ statement }: { readonly statement: StatedGap }) {
  const t = useText()
  const { supply_m3, supply_doubt_m3 } = statement
  if (supply_doubt_m3 === null || supply_doubt_m3 <= 0.001 * Math.abs(supply_m3)) return null
  return (
    <span className="second" title={t.gap.noSupply.partly}>
      {' · '}
      {t.gap.how.supply} {t.gap.noSupply.filled(`${printNumber(supply_m3)} m³`, printNumber(supply_doubt_m3))}
    </span>
  )
}

/** The sheet of the zone for a report, as a picture. */
function PictureButton({
  statement,
  zone,
  ranked,
}: {
  readonly statement: GapStatement
  readonly zone: string
  readonly ranked: readonly RankedSuspect[]
}) {
  const t = useText()
  const timeZone = useTimeZone()
  const { geometry } = useConsole()
  const [failed, setFailed] = useState(false)
  const save = async () => {
    const known = geometry.get()
    const map = known === undefined ? {} : { geometry: known }
    const { svg, height } = reportSheet({ statement, zone, suspects: ranked, timeZone, ...map }, t)
    const picture = await sheetPicture(svg, height)
    setFailed(picture === undefined)
    const days = `${printDate(statement.from, timeZone)}_${printDate(statement.to - 1, timeZone)}`
    if (picture !== undefined) saveFile(`gap_${statement.zone}_${days}.png`, picture, 'image/png')
  }
  return (
    <button type="button" title={t.gap.export.pictureHint} onClick={() => void save()}>
      {failed ? t.gap.export.pictureFailed : t.gap.export.picture}
    </button>
  )
}

const gapText = ({ gap_rate, gap_m3 }: StatedGap, t: Dictionary) =>
  t.gap.gapOf(gap_rate === null ? NONE : printSigned(gap_rate * 100), `${printSigned(gap_m3, 0)} m³`)

const sumOfYuan = ({ shares_yuan }: StatedGap) => Object.values(shares_yuan).reduce((sum, { p50 }) => sum + p50, 0)
