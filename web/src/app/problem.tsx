import type { Failure } from '../api/api.ts'
import { wordFor } from '../text/language.ts'
import { useText } from '../text/use-text.ts'

/** What failed in the operator's words, with the code for whoever has to repair it. */
export function Problem({ failure, onRetry }: { readonly failure: Failure; readonly onRetry?: () => void }) {
  const t = useText()
  return (
    <div className="problem" role="alert">
      <p>
        {wordFor(t.errors, failure.code)} <span className="second nowrap">[{failure.code}]</span>
      </p>
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry}>
          {t.frame.retry}
        </button>
      )}
    </div>
  )
}
