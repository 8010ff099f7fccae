import type { Models } from '@gastwin/server/contract'
import { printNumber, printPercent } from '../format/numbers.ts'
import type { Dictionary } from '../text/en/index.ts'
import { useText } from '../text/use-text.ts'
import { useModels } from './use-gap.ts'

/** Which learned model ranks the meters, and whether it can be trusted here: one line, more on asking. */
export function ModelsLine() {
  const t = useText()
  const { value } = useModels()
  if (value === undefined) return null
  return (
    <details className="models-line second">
      <summary>{summaryOf(value, t)}</summary>
      <ul className="fact-list">
        {detailsOf(value, t).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  )
}

/** The state of the models in one line. */
export function summaryOf(models: Models, t: Dictionary): string {
  const words = t.gap.models
  const active = models.items.find(({ use }) => use === 'active')
  const parts = [
    active === undefined ? words.none : active.source === 'shipped' ? words.shipped : words.own,
    ...(models.backend === null ? [] : [models.backend]),
    ...(models.scored_at === null ? [] : [words.scored(printNumber(models.scored_meters))]),
    ...(models.refused.length === 0 ? [] : [words.refused]),
    ...(models.drift?.moved === true ? [words.moved] : []),
    ...(models.items.some(({ use }) => use === 'shadow') ? [words.shadow] : []),
  ]
  return `${words.title}: ${parts.join(' · ')}`
}

function detailsOf(models: Models, t: Dictionary): readonly string[] {
  const words = t.gap.models
  const { comparison, drift, low_flow } = models
  return [
    ...(models.why === null ? [] : [models.why]),
    ...models.items.map(({ use, file, sha256 }) => `${words.uses[use]}: ${file} ${sha256.slice(0, 12)}`),
    ...models.refused.map(({ file, why }) => `${file}: ${why}`),
    ...(drift === null ? [] : [`${words.drift}: ${drift.message}`]),
    ...(comparison === null
      ? []
      : [
          words.comparison(
            comparison.rank_correlation === null ? '–' : printNumber(comparison.rank_correlation, 2),
            `${printPercent(comparison.top_overlap, 0)}\u00a0%`,
            printNumber(comparison.newly_suspected),
          ),
        ]),
    low_flow.why ?? words.walked(printNumber(low_flow.watched), printNumber(low_flow.findings)),
    ...[low_flow.model, low_flow.shadow].flatMap((one, i) =>
      one === null ? [] : [`${words.uses[i === 0 ? 'active' : 'shadow']}: ${one.file} ${one.sha256.slice(0, 12)}`],
    ),
    ...(low_flow.fit?.moved === true ? [words.walkMoved(printNumber(low_flow.fit.index, 2))] : []),
    ...(low_flow.comparison === null
      ? []
      : [
          words.walkComparison(
            printNumber(low_flow.comparison.surprise, 2),
            printNumber(low_flow.comparison.shadow_surprise, 2),
            printNumber(low_flow.comparison.newly_seen),
          ),
        ]),
  ]
}
