import type { GapLedger, GapStatement } from '@gastwin/server/contract'
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE, printNumber, printPercent, printShare, printSigned } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import type { Dictionary } from '../text/en/index.ts'
import { useText } from '../text/use-text.ts'
import { printSpan } from './print-span.ts'

/** A number somebody asks about. */
export interface HowTopic {
  readonly title: string
  readonly value: string
  readonly formula: string
  /** What it was made of, beside what every number of the statement is made of. */
  readonly more?: readonly (readonly [string, string])[]
  readonly statement?: GapStatement
}

export const HowContext = createContext<(topic: HowTopic) => void>(() => {})

interface HowProps extends HowTopic {
  readonly children: ReactNode
  /** −1 takes it out of the way of the Tab key: its row has another stop. */
  readonly tabIndex?: number
}

/** A number that tells how it was computed when it is pressed. */
export function How({ children, tabIndex, ...topic }: HowProps) {
  const t = useText()
  const open = useContext(HowContext)
  return (
    <button
      type="button"
      className="how"
      title={t.gap.how.open(topic.title)}
      aria-haspopup="dialog"
      tabIndex={tabIndex ?? 0}
      onClick={(event) => {
        event.stopPropagation()
        open(topic)
      }}
    >
      {children}
      <span className="visually-hidden"> · {t.gap.how.open(topic.title)}</span>
    </button>
  )
}

interface HowSheetProps {
  readonly topic: HowTopic
  readonly ledger: GapLedger | undefined
  readonly onClose: () => void
}

/** Formula, inputs, period, readings used and missing, model, revision. */
export function HowSheet({ topic, ledger, onClose }: HowSheetProps) {
  const t = useText()
  const zone = useTimeZone()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const rows = [
    ...(topic.more ?? []),
    ...(topic.statement === undefined ? [] : statementRows(topic.statement, t, zone)),
    ...(ledger === undefined ? [] : ledgerRows(ledger, t, zone)),
  ]
  return (
    <dialog ref={dialog} className="how-sheet" onClose={onClose} aria-labelledby="how-title">
      <h2 id="how-title" className="dialog-title">
        {t.gap.how.title}: {topic.title}
      </h2>
      <p className="how-value">{topic.value}</p>
      <dl className="facts">
        <dt>{t.gap.how.formula}</dt>
        <dd>{topic.formula}</dd>
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="row-buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          {t.frame.close}
        </button>
      </div>
    </dialog>
  )
}

function statementRows(s: GapStatement, t: Dictionary, zone: string): (readonly [string, string])[] {
  const m3 = (value: number) => `${printNumber(value)}\u00a0m³`
  const signed = (value: number) => `${printSigned(value, 0)}\u00a0m³`
  return [
    [t.gap.how.supply, supplyText(s, t)],
    [t.gap.how.sales, m3(s.sales_m3)],
    [t.gap.how.linepack, signed(s.linepack_change_m3)],
    [t.gap.how.ownUse, m3(s.own_use_m3)],
    [t.gap.how.gap, gapText(s, t)],
    [t.gap.how.period, printSpan(s.from, s.to, zone)],
    [t.gap.how.read, printShare(s.meters - s.unread_meters, s.meters)],
    [t.gap.how.unread, printNumber(s.unread_meters)],
    [t.gap.how.inlets, `${printPercent(s.inlet_coverage, s.inlet_coverage === 1 ? 0 : 1)}\u00a0%`],
    [t.gap.how.revision, `${printNumber(s.revision)} · ${printInstant(s.stated_at, zone)}`],
  ]
}

const gapText = ({ gap_m3, gap_rate }: GapStatement, t: Dictionary): string =>
  gap_m3 === null
    ? t.gap.noSupply.title
    : `${printSigned(gap_m3, 0)}\u00a0m³ · ${gap_rate === null ? NONE : printSigned(gap_rate * 100, 2)}\u00a0%`

function supplyText({ supply_state, supply_m3, supply_doubt_m3 }: GapStatement, t: Dictionary): string {
  const supply = `${printNumber(supply_m3)}\u00a0m³`
  if (supply_state === 'measured' || supply_doubt_m3 === null) return supply
  return t.gap.noSupply.filled(supply, printNumber(supply_doubt_m3))
}

function ledgerRows(ledger: GapLedger, t: Dictionary, zone: string): (readonly [string, string])[] {
  const span =
    ledger.data_from === null || ledger.data_to === null ? NONE : printSpan(ledger.data_from, ledger.data_to, zone)
  return [
    [t.gap.how.readings, printNumber(ledger.readings)],
    [t.gap.how.dataSpan, span],
    [t.gap.how.model, `${ledger.model} · ${t.gap.how.took} ${printNumber(ledger.took_ms / 1000, 1)}\u00a0s`],
  ]
}
