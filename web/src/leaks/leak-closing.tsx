import { LEAK_FOUND, type Leak } from '@gastwin/server/contract'
import { type FormEvent, Fragment, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { useMayAct, useRole } from '../devices/may-order.ts'
import { printNumber, printPercent } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { isOpen } from './leak-facts.ts'

/** How a leak ended, or the form that ends it. */
export function LeakClosing({ leak }: { readonly leak: Leak }) {
  const t = useText()
  const isAllowed = useRole('dispatcher')
  const [asking, setAsking] = useState(false)
  const mayAct = useMayAct()
  const words = t.leaks.closing
  const { closed } = leak
  if (closed === null && !isOpen(leak)) return null
  // What a first search missed may be found after all; what was repaired and leaks is found anew.
  const isDone = closed?.found === 'repaired'
  return (
    <>
      {closed === null ? null : <HowItEnded leak={leak} closed={closed} />}
      {isDone ? null : !isAllowed ? (
        closed === null && <p className="second">{words.notAllowed}</p>
      ) : asking ? (
        <ClosingForm leak={leak} onDone={() => setAsking(false)} />
      ) : (
        <div className="row-buttons">
          <button type="button" disabled={!mayAct} onClick={() => setAsking(true)}>
            {closed === null ? words.open : words.correct}
          </button>
        </div>
      )}
    </>
  )
}

function HowItEnded({ leak, closed }: { readonly leak: Leak; readonly closed: NonNullable<Leak['closed']> }) {
  const t = useText()
  const zone = useTimeZone()
  const words = t.leaks.closing
  const { pipe } = closed
  const rank = leak.candidates.findIndex((candidate) => candidate.pipe === pipe)
  const expected =
    rank < 0
      ? words.notExpected
      : words.rank(printNumber(rank + 1), printPercent(leak.candidates[rank]?.probability ?? 0, 0))
  return (
    <>
      <h3>{words.ended}</h3>
      <dl className="facts">
        <dt>{words.what}</dt>
        <dd>
          {wordFor(words.found, closed.found)}
          {closed.note === null ? '' : ` · ${closed.note}`}
        </dd>
        {pipe === null ? null : (
          <>
            <dt>{words.where}</dt>
            <dd>
              {pipe} <span className="quality">{expected}</span>
            </dd>
          </>
        )}
        <dt>{t.leaks.closedAt}</dt>
        <dd>
          {printInstant(closed.at, zone)} <span className="quality">{words.by(closed.user)}</span>
        </dd>
        {(closed.before ?? []).map(({ at, user, found }) => (
          <Fragment key={at}>
            <dt>{words.before}</dt>
            <dd>
              {wordFor(words.found, found)} · {printInstant(at, zone)} <span className="quality">{words.by(user)}</span>
            </dd>
          </Fragment>
        ))}
      </dl>
    </>
  )
}

function ClosingForm({ leak, onDone }: { readonly leak: Leak; readonly onDone: () => void }) {
  const t = useText()
  const { api } = useConsole()
  const mayAct = useMayAct()
  const [found, setFound] = useState<(typeof LEAK_FOUND)[number]>('repaired')
  const [failure, setFailure] = useState<Failure>()
  const words = t.leaks.closing
  const close = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const pipe = String(form.get('pipe') ?? '')
    const note = String(form.get('note')).trim()
    setFailure(undefined)
    const answer = await api.closeLeak(leak.id, {
      found,
      ...(found === 'repaired' && pipe !== '' && { pipe }),
      ...(note !== '' && { note }),
    })
    // The service tells every console how the leak ended.
    if (answer.ok) onDone()
    else setFailure(answer.failure)
  }
  return (
    <form
      className="case-form"
      aria-label={leak.closed === null ? words.title : words.correctTitle}
      onSubmit={(event) => void close(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      <label>
        {words.what}
        <select
          value={found}
          onChange={(event) => setFound(LEAK_FOUND.find((one) => one === event.target.value) ?? 'repaired')}
        >
          {LEAK_FOUND.map((one) => (
            <option key={one} value={one}>
              {words.found[one]}
            </option>
          ))}
        </select>
      </label>
      {found === 'repaired' ? (
        <label>
          {words.where}
          <select name="pipe" defaultValue="">
            <option value="">{words.elsewhere}</option>
            {leak.candidates.map(({ pipe, probability }) => (
              <option key={pipe} value={pipe}>
                {pipe} · {printPercent(probability, probability < 0.1 ? 1 : 0)} %
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label>
        {words.note}
        <input name="note" maxLength={500} autoComplete="off" required={found === 'other'} />
      </label>
      <p className="second">
        {leak.closed !== null ? words.correctHint : found === 'repaired' ? words.repairedHint : words.usualHint}
      </p>
      {failure === undefined ? null : (
        <>
          <Problem failure={failure} />
          <p className="second">{failure.detail}</p>
        </>
      )}
      <div className="row-buttons">
        <button type="submit" disabled={!mayAct}>
          {leak.closed === null ? words.close : words.record}
        </button>
        <button type="button" onClick={onDone}>
          {t.frame.cancel}
        </button>
      </div>
    </form>
  )
}
