import { Component, type ReactNode } from 'react'
import { useText } from '../text/use-text.ts'

interface Props {
  readonly what: string
  readonly children: ReactNode
  /** Shown in place of the broken part; a line with a retry by default. */
  readonly instead?: ReactNode
}

interface State {
  readonly failed: unknown
}

/** One broken panel must not take the screen with it. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { failed: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { failed: error ?? new Error('unknown') }
  }

  override render(): ReactNode {
    const { what, children, instead } = this.props
    if (this.state.failed === undefined) return children
    return (
      instead ?? <Broken what={what} error={this.state.failed} onRetry={() => this.setState({ failed: undefined })} />
    )
  }
}

function Broken({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
  const t = useText()
  return (
    <div className="problem" role="alert">
      <p>{t.banners.panelFailed(what)}</p>
      <p className="second">{String(error)}</p>
      <button type="button" onClick={onRetry}>
        {t.frame.retry}
      </button>
    </div>
  )
}
