import { type CaseRequest, SUSPECT_CAUSES, type SuspectCase } from '@gastwin/server/contract'
import { type FormEvent, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { useTimeZone } from '../app/use-zones.ts'
import { useMayAct, useRole } from '../devices/may-order.ts'
import { printInstant } from '../format/time.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'

interface CasePartProps {
  readonly meter: string
  readonly known: SuspectCase
  /** Oldest first. */
  readonly acts: readonly SuspectCase[]
}

/** What was done about a suspect, and what may be done next. */
export function CasePart({ meter, known, acts }: CasePartProps) {
  const t = useText()
  const zone = useTimeZone()
  const words = t.gap.cases
  return (
    <div>
      <h3>
        {words.title} <span className="tag">{caseWords(known, t)}</span>
      </h3>
      {acts.length === 0 ? null : (
        <ul className="fact-list">
          {acts.map((act) => (
            <li key={`${act.at}/${act.state}`}>
              <span>
                {wordFor(words.states, act.state)}
                {act.found === null ? '' : ` · ${wordFor(words.found, act.found)}`}
                {act.note === null ? '' : ` · ${act.note}`}
              </span>
              <span className="second nowrap">
                {act.user ?? ''} · {act.at === null ? '' : printInstant(act.at, zone)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <CaseActs meter={meter} state={known.state} />
    </div>
  )
}

function CaseActs({ meter, state }: { readonly meter: string; readonly state: SuspectCase['state'] }) {
  const t = useText()
  const { api } = useConsole()
  const mayAct = useMayAct()
  const isAllowed = useRole('dispatcher')
  const [closing, setClosing] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const words = t.gap.cases
  const act = async (request: CaseRequest) => {
    setFailure(undefined)
    const answer = await api.actOnSuspect(meter, request)
    // The service tells every console that the list is another: nothing is changed here.
    if (answer.ok) setClosing(false)
    else setFailure(answer.failure)
  }
  const close = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const found = SUSPECT_CAUSES.find((cause) => cause === form.get('found'))
    const note = String(form.get('note')).trim()
    void act({ state: 'closed', ...(found !== undefined && { found }), ...(note !== '' && { note }) })
  }
  if (!isAllowed) return <p className="second">{words.notAllowed}</p>
  return (
    <>
      {failure === undefined ? null : (
        <>
          <Problem failure={failure} />
          <p className="second">{failure.detail}</p>
        </>
      )}
      {closing ? (
        <form className="case-form" aria-label={words.closeTitle} onSubmit={close}>
          <label>
            {words.what}
            <select name="found" defaultValue="nothing">
              {SUSPECT_CAUSES.map((cause) => (
                <option key={cause} value={cause}>
                  {wordFor(words.found, cause)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {words.note}
            <input name="note" maxLength={500} autoComplete="off" />
          </label>
          <div className="row-buttons">
            <button type="submit" disabled={!mayAct}>
              {words.close}
            </button>
            <button type="button" onClick={() => setClosing(false)}>
              {t.frame.cancel}
            </button>
          </div>
        </form>
      ) : (
        <div className="row-buttons">
          {state === 'field_work' ? null : (
            <button type="button" disabled={!mayAct} onClick={() => void act({ state: 'field_work' })}>
              {words.fieldWork}
            </button>
          )}
          {state === 'field_work' ? (
            <button type="button" disabled={!mayAct} onClick={() => void act({ state: 'new' })}>
              {words.callOff}
            </button>
          ) : null}
          {state === 'closed' ? null : (
            <button type="button" disabled={!mayAct} onClick={() => setClosing(true)}>
              {words.closeTitle}
            </button>
          )}
        </div>
      )}
    </>
  )
}

/** A case in few words: its state, and what was found before when it came back. */
export function caseWords({ state, found, again }: SuspectCase, t: ReturnType<typeof useText>): string {
  const words = t.gap.cases
  const name = again ? words.again : wordFor(words.states, state)
  return found === null ? name : `${name} · ${wordFor(words.found, found)}`
}
