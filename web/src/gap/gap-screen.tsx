import '../style/gap.css'
import type { GapLedger, GapStatement, SuspectEvidence } from '@gastwin/server/contract'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { ErrorBoundary } from '../app/error-boundary.tsx'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { NONE, printNumber, printSigned } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import type { MapGeometry } from '../map/geometry.ts'
import { MapPanel } from '../map/map-panel.tsx'
import type { MapFocus } from '../map/map-scene.ts'
import { useSlice, useStore } from '../state/store.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { EvidencePane } from './evidence-pane.tsx'
import { How, HowContext, HowSheet, type HowTopic } from './how-computed.tsx'
import { PeriodChooser } from './period-chooser.tsx'
import { indexOfPeriod, knownPeriods } from './periods.ts'
import { printDate, printSpan } from './print-span.ts'
import { ReplacementsTable } from './replacements-table.tsx'
import { RevisionsTable } from './revisions-table.tsx'
import { saveFile } from './save-file.ts'
import { statementCsv } from './statement-csv.ts'
import { type RankedSuspect, rankSuspects } from './suspect-figures.ts'
import { SuspectsTable } from './suspects-table.tsx'
import { type Loaded, statementOf, useLedger, useSuspects, useZoneInFocus } from './use-gap.ts'
import { WaterfallChart } from './waterfall-chart.tsx'
import { courseOf, rankZones } from './zone-order.ts'
import { ZoneRanking } from './zone-ranking.tsx'

/** The service states the gap each hour: older than this, ms of event time, it does not keep up. */
const OLD_MS = 3 * 3_600_000
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

/** Waiting, failed, old: what is wrong with the statement itself. */
function LedgerState({ loaded }: { readonly loaded: Loaded<GapLedger> }) {
  const t = useText()
  const now = useNow(5000)
  const { value, failure, retry } = loaded
  const age = value?.stated_at === null || value === undefined ? 0 : now - value.stated_at
  if (value === undefined)
    return failure === undefined ? <Loading what={t.gap.ledger} /> : <Problem failure={failure} onRetry={retry} />
  const lines: ReactNode[] = []
  if (value.state !== 'stated') {
    lines.push(<p key="state">{value.state === 'waiting' ? t.gap.waiting : t.gap.failed}</p>)
    if (value.why !== null)
      lines.push(
        <p key="why" className="second">
          {t.gap.serviceSays} <q lang="en">{value.why}</q>
        </p>,
      )
    if (value.items.length > 0) lines.push(<p key="last">{t.gap.lastStated}</p>)
  } else if (value.items.length === 0) lines.push(<p key="none">{t.gap.noneOfLength}</p>)
  if (value.items.length > 0 && age > OLD_MS)
    lines.push(<p key="old">{t.gap.old(printDuration(age, t.frame.units))}</p>)
  return (
    <>
      {failure === undefined ? null : <Problem failure={failure} onRetry={retry} />}
      {lines.length === 0 ? null : (
        <div className="problem" role="status">
          {lines}
        </div>
      )}
    </>
  )
}

function LedgerFoot({
  ledger,
  statements,
}: {
  readonly ledger: GapLedger | undefined
  readonly statements: readonly GapStatement[]
}) {
  const t = useText()
  const now = useNow(5000)
  const timeZone = useTimeZone()
  const zoneName = useZoneName()
  const first = statements[0]
  const nameOf = (id: string) => zoneName(id).slice(id.length).trim()
  return (
    <div className="foot">
      <span className="cut">
        {ledger?.stated_at === null || ledger === undefined
          ? ''
          : t.gap.statedAgo(printDuration(Math.max(0, now - ledger.stated_at), t.frame.units))}
        {ledger?.data_from == null || ledger.data_to === null
          ? ''
          : ` · ${t.gap.dataFrom(printDate(ledger.data_from, timeZone), printDate(ledger.data_to - 1, timeZone))}`}
      </span>
      <span className="spring" />
      <button
        type="button"
        title={t.gap.export.statementHint}
        disabled={first === undefined}
        onClick={() => {
          if (first === undefined) return
          const days = `${printDate(first.from, timeZone)}_${printDate(first.to - 1, timeZone)}`
          saveFile(`gap_${days}.csv`, statementCsv(statements, nameOf, timeZone), 'text/csv;charset=utf-8')
        }}
      >
        {t.gap.export.statement}
      </button>
    </div>
  )
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
  const suspects = useSuspects(zone)
  const ranked = useMemo(() => rankSuspects(suspects.value?.items ?? []), [suspects.value])
  const focus = useMemo(
    (): MapFocus => ({
      zone,
      rates: new Map(rows.map((row) => [row.zone, row.statement.gap_rate])),
      suspects: known === undefined ? [] : ranked.flatMap((s) => onMap(s, known, t)),
    }),
    [zone, rows, ranked, known, t],
  )
  return (
    <>
      <ErrorBoundary what={t.map.region}>
        <MapPanel focus={focus} />
      </ErrorBoundary>
      <ErrorBoundary what={t.gap.breakdown}>
        <Breakdown zone={zone} statement={statement} />
      </ErrorBoundary>
      <ErrorBoundary what={t.gap.tabs.suspects}>
        <Causes zone={zone} statement={statement} suspects={suspects} ranked={ranked} />
      </ErrorBoundary>
    </>
  )
}

function onMap({ meter, rank, kind, probability, lon, lat }: RankedSuspect, geometry: MapGeometry, t: Dictionary) {
  const title = `#${rank} ${wordFor(t.gap.suspects.kinds, kind)} · ${meter} · ${printNumber(probability * 100)} %`
  if (lon !== null && lat !== null) return [{ meter, rank, title, lon, lat }]
  const number = geometry.meters.number.indexOf(Number(meter))
  if (number < 0) return []
  const [lon0, lat0] = geometry.meta.origin
  const { xy } = geometry.meters
  return [{ meter, rank, title, lon: lon0 + (xy[2 * number] ?? 0), lat: lat0 + (xy[2 * number + 1] ?? 0) }]
}

function Breakdown({ zone, statement }: { readonly zone: string; readonly statement: GapStatement | undefined }) {
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

const TABS = ['suspects', 'replacements', 'revisions'] as const
type CausesTab = (typeof TABS)[number]

interface CausesProps {
  readonly zone: string
  readonly statement: GapStatement | undefined
  readonly suspects: ReturnType<typeof useSuspects>
  readonly ranked: readonly RankedSuspect[]
}

/** The meters behind the shares, what to replace, what late readings changed; beside it the evidence of the chosen one. */
function Causes({ zone, statement, suspects, ranked }: CausesProps) {
  const t = useText()
  const { selection } = useConsole()
  const [tab, setTab] = useState<CausesTab>('suspects')
  const meter = useSlice(selection, (s) => (s?.kind === 'meter' ? s.id : undefined))
  return (
    <div className={meter === undefined ? 'causes' : 'causes split'}>
      <section className="cause-list" aria-label={t.gap.tabs[tab]}>
        <div className="tabs">
          <div className="tab-names" role="tablist" aria-label={t.gap.tabs.suspects}>
            {TABS.map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`cause-tab-${name}`}
                aria-selected={name === tab}
                aria-controls="cause-body"
                onClick={() => setTab(name)}
              >
                {t.gap.tabs[name]}
                {name === 'suspects' && suspects.value !== undefined ? ` ${printNumber(suspects.value.total)}` : ''}
              </button>
            ))}
          </div>
          <span className="spring" />
          {tab === 'suspects' ? <EvidenceExport zone={zone} ranked={ranked} /> : null}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long tables scroll, and scrolling needs a keyboard too */}
        <div className="cause-body" id="cause-body" role="tabpanel" aria-labelledby={`cause-tab-${tab}`} tabIndex={0}>
          {tab === 'suspects' ? (
            <SuspectsTable loaded={suspects} ranked={ranked} statement={statement} />
          ) : tab === 'replacements' ? (
            <ReplacementsTable />
          ) : (
            <RevisionsTable zone={zone} />
          )}
        </div>
      </section>
      {meter === undefined ? null : <EvidencePane meter={meter} />}
    </div>
  )
}

/** The evidence of all suspects of the zone, each with its digest, as one file. */
function EvidenceExport({ zone, ranked }: { readonly zone: string; readonly ranked: readonly RankedSuspect[] }) {
  const t = useText()
  const { api } = useConsole()
  const [working, setWorking] = useState(false)
  const [failure, setFailure] = useState<Parameters<typeof Problem>[0]['failure']>()
  const collect = async () => {
    setWorking(true)
    setFailure(undefined)
    const all: SuspectEvidence[] = []
    for (const { meter } of ranked) {
      const answer = await api.suspectEvidence(meter)
      if (!answer.ok) {
        setFailure(answer.failure)
        break
      }
      all.push(answer.value)
    }
    if (all.length === ranked.length)
      saveFile(`evidence_${zone}.json`, JSON.stringify(all, null, 2), 'application/json')
    setWorking(false)
  }
  return (
    <>
      {failure === undefined ? null : <Problem failure={failure} />}
      <button
        type="button"
        title={t.gap.export.evidenceHint}
        disabled={working || ranked.length === 0}
        onClick={() => void collect()}
      >
        {working ? t.gap.export.working : t.gap.export.evidence}
      </button>
    </>
  )
}
