import type { Leak } from '@gastwin/server/contract'
import { Fragment } from 'react'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { useTimeZone, useZoneName } from '../app/use-zones.ts'
import { PreviewButton } from '../assets/preview-button.tsx'
import { printMeasure, printNumber, printPercent } from '../format/numbers.ts'
import { printDuration, printInstant } from '../format/time.ts'
import { flowM3H } from '../format/units.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { LeakClosing } from './leak-closing.tsx'
import { LEAK_STEPS, proofsOf } from './leak-facts.ts'

/** Pipes in the list; what the others share is one line. */
const MOST_PIPES = 6

/** One leak: how far it is, how big, where, and what speaks for it. A chosen pipe offers its isolation preview. */
export function LeakCard({ leak }: { readonly leak: Leak }) {
  const t = useText()
  const zone = useTimeZone()
  const zoneName = useZoneName()
  const now = useNow(5000)
  const { selection } = useConsole()
  const { p05, p50, p95 } = leak.standard_flow_m3_s
  const since = (at: number) => `${printInstant(at, zone)} · ${printDuration(Math.max(0, now - at), t.frame.units)}`
  return (
    <section className="card leak" aria-label={`${t.leaks.kinds[leak.kind]} ${leak.id}`}>
      <div className="title-row">
        <h3>
          {t.leaks.kinds[leak.kind]} {leak.id}
        </h3>
        <span className="tag">{t.leaks.states[leak.state]}</span>
        <button
          type="button"
          className="link"
          onClick={() => selection.select({ kind: 'leak', id: leak.id }, { fly: true })}
        >
          {t.leaks.showAll}
        </button>
      </div>
      <Steps state={leak.state} />
      {leak.state === 'suspected' ? <p className="second">{t.leaks.quiet}</p> : null}
      <dl className="facts">
        <dt>{t.leaks.size}</dt>
        <dd>
          <strong>{t.leaks.sizeRange(printMeasure(flowM3H(p05)), printMeasure(flowM3H(p95)))}</strong>{' '}
          <span className="quality">{t.leaks.sizeHint(printMeasure(flowM3H(p50)))}</span>
        </dd>
      </dl>
      <Candidates leak={leak} />
      <dl className="facts">
        <dt>{t.leaks.since}</dt>
        <dd>{since(leak.started_at)}</dd>
        <dt>{t.leaks.suspected}</dt>
        <dd>{since(leak.suspected_at)}</dd>
        {leak.detected_at === null ? null : (
          <>
            <dt>{t.leaks.detected}</dt>
            <dd>{since(leak.detected_at)}</dd>
          </>
        )}
        <dt>{t.leaks.zone}</dt>
        <dd>
          <button
            type="button"
            className="link"
            onClick={() => selection.select({ kind: 'zone', id: leak.zone, leak: leak.id })}
          >
            {zoneName(leak.zone)}
          </button>
        </dd>
      </dl>
      <h3>{t.leaks.evidence}</h3>
      {leak.evidence.length === 0 ? (
        <p className="second">{t.leaks.noEvidence}</p>
      ) : (
        <dl className="facts">
          {proofsOf(leak, t).map(({ name, says }) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{says}</dd>
            </Fragment>
          ))}
        </dl>
      )}
      <LeakClosing leak={leak} />
    </section>
  )
}

function Steps({ state }: { readonly state: Leak['state'] }) {
  const t = useText()
  if (state === 'dismissed') return null
  const reached = LEAK_STEPS.indexOf(state)
  return (
    <ol className="steps" aria-label={t.leaks.steps}>
      {LEAK_STEPS.map((step, i) => (
        <li
          key={step}
          className={i < reached ? 'past' : i === reached ? 'at' : ''}
          aria-current={i === reached ? 'step' : undefined}
        >
          {t.leaks.states[step]}
        </li>
      ))}
    </ol>
  )
}

function Candidates({ leak }: { readonly leak: Leak }) {
  const t = useText()
  const { selection } = useConsole()
  const chosen = useStore(selection)
  const shown = leak.candidates.slice(0, MOST_PIPES)
  const rest = leak.candidates.slice(MOST_PIPES)
  const restShare = rest.reduce((sum, c) => sum + c.probability, 0)
  const here = chosen?.kind === 'pipe' && shown.some(({ pipe }) => pipe === chosen.id) ? chosen : undefined
  if (shown.length === 0) return null
  return (
    <>
      <table>
        <caption className="second">{t.leaks.pipes}</caption>
        <thead>
          <tr>
            <th scope="col">{t.leaks.pipe}</th>
            <th scope="col">{t.leaks.probability}</th>
            <th scope="col">{t.leaks.at}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ pipe, probability, position }) => (
            <tr key={pipe} className={pipe === here?.id ? 'chosen' : undefined}>
              <td>
                <button
                  type="button"
                  className="link id"
                  aria-current={pipe === here?.id}
                  onClick={() =>
                    selection.select(
                      {
                        kind: 'pipe',
                        id: pipe,
                        leak: leak.id,
                        ...(chosen?.alarm === undefined ? {} : { alarm: chosen.alarm }),
                      },
                      { fly: true },
                    )
                  }
                >
                  {pipe}
                </button>
              </td>
              <td className="nowrap">
                <span className="bar-of">
                  <i style={{ width: `${Math.min(100, probability * 100)}%` }} />
                </span>{' '}
                {printPercent(probability, probability < 0.1 ? 1 : 0)} %
              </td>
              <td className="second nowrap">{t.leaks.along(printPercent(position, 0))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest.length === 0 ? null : (
        <p className="second">{t.leaks.others(printNumber(rest.length), printPercent(restShare, 0))}</p>
      )}
      {here === undefined ? <p className="second">{t.leaks.choose}</p> : <PreviewButton selection={here} />}
    </>
  )
}
