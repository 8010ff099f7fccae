import '../style/lists.css'
import '../style/gap.css'
import type { GapLedger, GapStatement } from '@gastwin/server/contract'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { ErrorBoundary } from '../app/error-boundary.tsx'
import { printNumber } from '../format/numbers.ts'
import type { MapGeometry } from '../map/geometry.ts'
import { MapPanel } from '../map/map-panel.tsx'
import type { MapFocus } from '../map/map-scene.ts'
import { useSlice, useStore } from '../state/store.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { Breakdown } from './breakdown.tsx'
import { Causes } from './causes.tsx'
import { HowContext, HowSheet, type HowTopic } from './how-computed.tsx'
import { LedgerFoot, LedgerState } from './ledger-state.tsx'
import { PeriodChooser } from './period-chooser.tsx'
import { indexOfPeriod, knownPeriods } from './periods.ts'
import { placeOfSuspect } from './place-of-suspect.ts'
import { type RankedSuspect, rankSuspects } from './suspect-figures.ts'
import { type CaseChoice, type Loaded, statementOf, useLedger, useSuspects, useZoneInFocus } from './use-gap.ts'
import { courseOf, rankZones } from './zone-order.ts'
import { ZoneRanking } from './zone-ranking.tsx'

/** More marks than this hide the zone; the table has the others. */
const MOST_ON_MAP = 30
const NO_STATEMENTS: readonly GapStatement[] = []

/** Why is the gap of a zone what it is, and how sure is that? */
export function GapScreen() {
  const t = useText()
  const { period, city } = useConsole()
  const asked = useStore(period)
  const target = useSlice(city, (c) => c?.gap_target_rate ?? 0.05)
  const daily = useLedger('day')
  const ledger = useLedger(asked.every)
  useLengthWithStatements(ledger, daily)
  const items = ledger.value?.items ?? NO_STATEMENTS
  const known = useMemo(() => knownPeriods(items), [items])
  const index = indexOfPeriod(known, asked)
  const from = known[index]?.from
  const rows = useMemo(() => {
    const course = courseOf(daily.value?.items ?? NO_STATEMENTS)
    return rankZones(
      items.filter((s) => s.from === from),
      course,
      target,
    )
  }, [items, daily.value, from, target])
  const zone = useZoneInFocus(rows[0]?.zone)
  const statement = statementOf(items, zone, from)
  const [topic, setTopic] = useState<HowTopic>()
  return (
    <HowContext value={setTopic}>
      <main className="work gap-work">
        <section className="zones-panel" aria-label={t.gap.ranking}>
          <div className="panel-head">
            <h2>{t.gap.title}</h2>
            <span className="spring" />
            <PeriodChooser known={known} index={index} />
          </div>
          <LedgerState loaded={ledger} />
          <div className="zones-scroll">
            {rows.length === 0 ? null : <ZoneRanking rows={rows} zone={zone} target={target} />}
          </div>
          <LedgerFoot ledger={ledger.value} statements={rows.map((row) => row.statement)} />
        </section>
        {zone === undefined ? <NoZone loaded={ledger} /> : <ZoneParts zone={zone} statement={statement} rows={rows} />}
      </main>
      {topic === undefined ? null : (
        <HowSheet topic={topic} ledger={ledger.value} onClose={() => setTopic(undefined)} />
      )}
    </HowContext>
  )
}

/** A young city has no whole week yet: the first look goes to the days it has, what was chosen by hand stays. */
function useLengthWithStatements(ledger: Loaded<GapLedger>, daily: Loaded<GapLedger>): void {
  const { period } = useConsole()
  const looked = useRef(period.get().from !== undefined)
  const known = ledger.value?.items.length
  const days = daily.value?.items.length
  useEffect(() => {
    if (looked.current || known === undefined || days === undefined) return
    if (known > 0) looked.current = true
    else if (days > 0) {
      looked.current = true
      period.set({ every: 'day' })
    }
  }, [known, days, period])
}

function NoZone({ loaded }: { readonly loaded: Loaded<GapLedger> }) {
  const t = useText()
  const text =
    loaded.value === undefined
      ? t.frame.loading(t.gap.ledger)
      : loaded.value.state === 'stated'
        ? t.gap.choose
        : t.gap.waiting
  return <p className="empty">{text}</p>
}

function onMap(suspect: RankedSuspect, geometry: MapGeometry, t: Dictionary) {
  const { meter, rank, kind, probability } = suspect
  const title = `#${rank} ${wordFor(t.gap.suspects.kinds, kind)} · ${meter} · ${printNumber(probability * 100)} %`
  const place = placeOfSuspect(suspect, geometry)
  return place === undefined ? [] : [{ meter, rank, title, ...place }]
}

interface ZonePartsProps {
  readonly zone: string
  readonly statement: GapStatement | undefined
  readonly rows: readonly { readonly zone: string; readonly statement: GapStatement }[]
}

/** Map, waterfall, and the meters behind it: all of one zone. */
function ZoneParts({ zone, statement, rows }: ZonePartsProps) {
  const t = useText()
  const { geometry } = useConsole()
  const known = useStore(geometry)
  const [choice, setChoice] = useState<CaseChoice>('current')
  const suspects = useSuspects(zone, choice)
  const ranked = useMemo(() => rankSuspects(suspects.value?.items ?? []), [suspects.value])
  const focus = useMemo(
    (): MapFocus => ({
      zone,
      rates: new Map(rows.map((row) => [row.zone, row.statement.gap_rate])),
      suspects: known === undefined ? [] : ranked.slice(0, MOST_ON_MAP).flatMap((s) => onMap(s, known, t)),
    }),
    [zone, rows, ranked, known, t],
  )
  return (
    <>
      <ErrorBoundary what={t.map.region}>
        <MapPanel focus={focus} />
      </ErrorBoundary>
      <ErrorBoundary what={t.gap.breakdown}>
        <Breakdown zone={zone} statement={statement} ranked={ranked} />
      </ErrorBoundary>
      <ErrorBoundary what={t.gap.tabs.suspects}>
        <Causes
          zone={zone}
          statement={statement}
          suspects={suspects}
          ranked={ranked}
          choice={choice}
          onChoice={setChoice}
        />
      </ErrorBoundary>
    </>
  )
}
