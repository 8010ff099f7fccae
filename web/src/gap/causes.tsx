import type { GapStatement, SuspectEvidence } from '@gastwin/server/contract'
import { useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber } from '../format/numbers.ts'
import { useSlice } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { DueTable } from './due-table.tsx'
import { EvidencePane } from './evidence-pane.tsx'
import { ModelsLine } from './models-line.tsx'
import { ReplacementsTable } from './replacements-table.tsx'
import { RevisionsTable } from './revisions-table.tsx'
import { saveFile } from './save-file.ts'
import type { RankedSuspect } from './suspect-figures.ts'
import { suspectsCsv } from './suspects-csv.ts'
import { SuspectsTable } from './suspects-table.tsx'
import type { CaseChoice, useSuspects } from './use-gap.ts'

const TABS = ['suspects', 'replacements', 'due', 'revisions'] as const
const CHOICES: readonly CaseChoice[] = ['current', 'field_work', 'closed']
type CausesTab = (typeof TABS)[number]

interface CausesProps {
  readonly zone: string
  readonly statement: GapStatement | undefined
  readonly suspects: ReturnType<typeof useSuspects>
  readonly ranked: readonly RankedSuspect[]
  readonly choice: CaseChoice
  readonly onChoice: (choice: CaseChoice) => void
}

/** The meters behind the shares, what to replace, what late readings changed; beside it the evidence of the chosen one. */
export function Causes({ zone, statement, suspects, ranked, choice, onChoice }: CausesProps) {
  const t = useText()
  const { selection } = useConsole()
  const timeZone = useTimeZone()
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
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long tables scroll, and scrolling needs a keyboard too */}
        <div className="cause-body" id="cause-body" role="tabpanel" aria-labelledby={`cause-tab-${tab}`} tabIndex={0}>
          {tab === 'suspects' ? (
            <>
              <div className="lead row-buttons">
                <select
                  aria-label={t.gap.cases.show}
                  value={choice}
                  onChange={(event) => onChoice(CHOICES.find((one) => one === event.target.value) ?? 'current')}
                >
                  {CHOICES.map((one) => (
                    <option key={one} value={one}>
                      {t.gap.cases.choices[one]}
                    </option>
                  ))}
                </select>
                <button
                  type="button"
                  title={t.gap.export.suspectsHint}
                  disabled={ranked.length === 0}
                  onClick={() =>
                    saveFile(`suspects_${zone}.csv`, suspectsCsv(ranked, timeZone), 'text/csv;charset=utf-8')
                  }
                >
                  {t.gap.export.suspects}
                </button>
                <EvidenceExport zone={zone} ranked={ranked.filter(({ case: { state } }) => state !== 'closed')} />
              </div>
              <SuspectsTable loaded={suspects} ranked={ranked} statement={statement} />
              <ModelsLine />
            </>
          ) : tab === 'replacements' ? (
            <ReplacementsTable />
          ) : tab === 'due' ? (
            <DueTable zone={zone} />
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
  const [failure, setFailure] = useState<Failure>()
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
