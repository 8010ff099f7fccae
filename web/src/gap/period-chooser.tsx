import { useConsole } from '../app/console-model.ts'
import { useTimeZone } from '../app/use-zones.ts'
import { NONE } from '../format/numbers.ts'
import { PERIOD_LENGTHS } from '../state/gap-period.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import type { KnownPeriod } from './periods.ts'
import { printSpan } from './print-span.ts'

interface PeriodChooserProps {
  readonly known: readonly KnownPeriod[]
  readonly index: number
}

/** Day, week or month, and which one. */
export function PeriodChooser({ known, index }: PeriodChooserProps) {
  const t = useText()
  const { period } = useConsole()
  const zone = useTimeZone()
  const { every } = useStore(period)
  const go = (to: number) => {
    const chosen = known[to]
    // The newest is not named: a link to it goes on to what is the newest then.
    if (chosen !== undefined) period.set(to === 0 ? { every } : { every, from: chosen.from })
  }
  return (
    <div className="period-chooser">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own */}
      <div className="segments" role="group" aria-label={t.gap.lengthsLabel}>
        {PERIOD_LENGTHS.map((name) => (
          <button key={name} type="button" aria-pressed={name === every} onClick={() => period.set({ every: name })}>
            {t.gap.lengths[name]}
          </button>
        ))}
      </div>
      <button
        type="button"
        aria-label={t.gap.earlier}
        title={t.gap.earlier}
        disabled={index + 1 >= known.length}
        onClick={() => go(index + 1)}
      >
        ‹
      </button>
      <select
        aria-label={t.gap.which}
        value={index}
        disabled={known.length === 0}
        onChange={(event) => go(Number(event.target.value))}
      >
        {known.length === 0 ? <option value={0}>{NONE}</option> : null}
        {known.map(({ from, to }, i) => (
          <option key={from} value={i}>
            {printSpan(from, to, zone)}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-label={t.gap.later}
        title={t.gap.later}
        disabled={index === 0}
        onClick={() => go(index - 1)}
      >
        ›
      </button>
    </div>
  )
}
