import { useConsole } from '../app/console-model.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { printNumber, printPercent } from '../format/numbers.ts'
import { printInstant } from '../format/time.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { leakPartText } from './known-leak-text.ts'
import type { StatedGap } from './statement-figures.ts'

/** Which leaks that were found stand inside the leak share, and how much of it each takes. */
export function KnownLeaks({ statement }: { readonly statement: StatedGap }) {
  const t = useText()
  const timeZone = useTimeZone()
  const { leaks, selection, screen } = useConsole()
  const open = useStore(leaks)
  const words = t.gap.knownLeaks
  if (statement.known_leaks.length === 0) return null
  const rest =
    statement.shares_m3.leak.p50 - statement.known_leaks.reduce((sum, { volume_m3 }) => sum + volume_m3.p50, 0)
  return (
    <section className="known-leaks" aria-label={words.title}>
      <h3 title={words.hint}>{words.title}</h3>
      <ul className="fact-list">
        {statement.known_leaks.map((leak) => (
          <li key={leak.id}>
            {open?.some(({ id }) => id === leak.id) === true ? (
              <button
                type="button"
                className="link"
                title={words.show(leak.id)}
                onClick={() => {
                  selection.select({ kind: 'leak', id: leak.id }, { fly: true })
                  screen.set('dispatch')
                }}
              >
                {leak.id}
              </button>
            ) : (
              <span className="id">{leak.id}</span>
            )}
            <b className="nowrap">{leakPartText(leak, t)}</b>
            <span className="second">
              {words.standings[leak.standing]} ·{' '}
              {words.flowed(
                printInstant(leak.from, timeZone),
                leak.until === null ? undefined : printInstant(leak.until, timeZone),
              )}
              {leak.standing === 'found' ? ` · ${words.probability(printPercent(leak.probability, 0))}` : ''}
            </span>
          </li>
        ))}
      </ul>
      <p className="second">{words.rest(printNumber(rest))}</p>
    </section>
  )
}
