import type { SuspectEvidence } from '@gastwin/server/contract'
import { useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { AssetPanel } from '../assets/asset-panel.tsx'
import { printMeasure, printPercent } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { CasePart } from './case-part.tsx'
import { DaysChart } from './days-chart.tsx'
import { printDate } from './print-span.ts'
import { saveFile } from './save-file.ts'
import { factWords } from './suspect-words.ts'
import { useEvidence } from './use-gap.ts'

const TABS = ['evidence', 'device'] as const
type EvidenceTab = (typeof TABS)[number]

/** Why this meter is suspected, and the meter itself with its series. */
export function EvidencePane({ meter }: { readonly meter: string }) {
  const t = useText()
  const { selection } = useConsole()
  const [tab, setTab] = useState<EvidenceTab>('evidence')
  const names = { evidence: t.gap.evidence.title, device: t.gap.evidence.device }
  return (
    <section className="evidence-pane" id="evidence" aria-label={t.gap.evidence.title}>
      <div className="tabs">
        <div className="tab-names" role="tablist" aria-label={t.gap.evidence.title}>
          {TABS.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`evidence-tab-${name}`}
              aria-selected={name === tab}
              aria-controls="evidence-body"
              onClick={() => setTab(name)}
            >
              {names[name]}
            </button>
          ))}
        </div>
        <span className="spring" />
        <button
          type="button"
          className="plain"
          aria-label={t.gap.evidence.close}
          title={t.gap.evidence.close}
          onClick={() => selection.select(null)}
        >
          ×
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long panels scroll, and scrolling needs a keyboard too */}
      <div className="tab-body" id="evidence-body" role="tabpanel" aria-labelledby={`evidence-tab-${tab}`} tabIndex={0}>
        {tab === 'evidence' ? <Evidence key={meter} meter={meter} /> : <AssetPanel />}
      </div>
    </section>
  )
}

function Evidence({ meter }: { readonly meter: string }) {
  const t = useText()
  const { value, failure, retry } = useEvidence(meter)
  if (value !== undefined) return <EvidenceFacts evidence={value} />
  if (failure?.status === 404) return <p className="second">{t.gap.evidence.gone}</p>
  return failure === undefined ? (
    <Loading what={t.gap.evidence.waiting} />
  ) : (
    <Problem failure={failure} onRetry={retry} />
  )
}

function EvidenceFacts({ evidence }: { readonly evidence: SuspectEvidence }) {
  const t = useText()
  const zone = useTimeZone()
  const { suspect, days, events, acts, model, stated_at, digest_sm3 } = evidence
  const words = t.gap.evidence
  const volume = suspect.m3_per_day
  return (
    <>
      <div className="title-row">
        <h3>
          {wordFor(t.gap.suspects.kinds, suspect.kind)} · <span className="id">{suspect.meter}</span>
        </h3>
        <span className="tag">{words.probability(printPercent(suspect.probability, 0))}</span>
        {volume === null ? null : (
          <span className="nowrap">
            {printMeasure(volume.p50)} ({printMeasure(volume.p05)} – {printMeasure(volume.p95)}) {words.unit}
          </span>
        )}
        {suspect.since === null ? null : <span className="nowrap">{words.since(printDate(suspect.since, zone))}</span>}
      </div>
      <div>
        <h3>{words.speaks}</h3>
        <FactList facts={suspect.facts} />
      </div>
      {suspect.also.map((reason) => (
        <div key={reason.kind}>
          <h3>
            {words.also(wordFor(t.gap.suspects.kinds, reason.kind))}{' '}
            <span className="tag">{words.probability(printPercent(reason.probability, 0))}</span>
          </h3>
          <FactList facts={reason.facts} />
        </div>
      ))}
      <CasePart meter={suspect.meter} known={suspect.case} acts={acts} />
      {days.length === 0 ? (
        <p className="second">{words.noDays}</p>
      ) : (
        <DaysChart days={days} since={suspect.since} zone={zone} />
      )}
      <div>
        <h3>{words.events}</h3>
        {events.length === 0 ? (
          <p className="second">{words.noEvents}</p>
        ) : (
          <ul className="fact-list">
            {events.map(({ code, at }) => (
              <li key={`${code}/${at}`}>
                <span>{code in t.deviceEvents ? wordFor(t.deviceEvents, code) : wordFor(t.gap.facts, code)}</span>
                <span className="second nowrap">{printInstant(at, zone)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <dl className="facts">
        <dt>{t.gap.how.model}</dt>
        <dd>{model}</dd>
        <dt>{t.gap.how.statedAt}</dt>
        <dd>{printInstant(stated_at, zone)}</dd>
        <dt>{words.digest}</dt>
        <dd className="audit">{digest_sm3}</dd>
      </dl>
      <div className="row-buttons">
        <button
          type="button"
          onClick={() =>
            saveFile(`evidence-${suspect.meter}.json`, JSON.stringify(evidence, null, 2), 'application/json')
          }
        >
          {words.save}
        </button>
      </div>
    </>
  )
}

function FactList({ facts }: { readonly facts: SuspectEvidence['suspect']['facts'] }) {
  const t = useText()
  const zone = useTimeZone()
  return (
    <ul className="fact-list">
      {facts.map((fact) => {
        const { what, value, when } = factWords(fact, t, zone)
        return (
          <li key={`${fact.code}/${fact.at}/${fact.value}`}>
            <span>{what}</span>
            <b className="nowrap">{value}</b>
            <span className="second nowrap">{when}</span>
          </li>
        )
      })}
    </ul>
  )
}
