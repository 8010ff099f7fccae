import { KpiStrip } from '../kpi/kpi-strip.tsx'
import { MapPanel } from '../map/map-panel.tsx'
import { TimeStrip } from '../strip/time-strip.tsx'
import { useText } from '../text/use-text.ts'
import { ErrorBoundary } from './error-boundary.tsx'

/** Is the network all right, and if not, what first? The alarms stand beside it. */
export function DispatchScreen() {
  const t = useText()
  return (
    <main className="work">
      <ErrorBoundary what={t.kpi.region}>
        <KpiStrip />
      </ErrorBoundary>
      <ErrorBoundary what={t.map.region}>
        <MapPanel />
      </ErrorBoundary>
      <ErrorBoundary what={t.strip.region}>
        <TimeStrip />
      </ErrorBoundary>
    </main>
  )
}
