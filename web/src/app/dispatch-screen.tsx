import { useEffect, useRef, useState } from 'react'
import { AlarmPanel } from '../alarms/alarm-panel.tsx'
import { AlarmAnnouncer } from '../alarms/announcer.tsx'
import { DetailPanel } from '../assets/detail-panel.tsx'
import { KpiStrip } from '../kpi/kpi-strip.tsx'
import { MapPanel } from '../map/map-panel.tsx'
import { useSlice, useStore } from '../state/store.ts'
import { TimeStrip } from '../strip/time-strip.tsx'
import { useText } from '../text/use-text.ts'
import { Banners } from './banners.tsx'
import { useConsole } from './console-model.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { Header } from './header.tsx'
import { HelpSheet } from './help-sheet.tsx'

/** Is the network all right, and if not, what first? */
export function DispatchScreen() {
  const t = useText()
  const { link, selection } = useConsole()
  const phase = useSlice(link, (l) => l.phase)
  const [help, setHelp] = useState(false)
  const [drawer, setDrawer] = useState(false)
  const chosen = useStore(selection)
  useEffect(() => {
    if (chosen !== null) setDrawer(true)
  }, [chosen])
  useGlobalKeys(() => setHelp((open) => !open), setDrawer)
  const frozen = phase === 'offline' || phase === 'stale'
  return (
    <div className={`frame ${phase}${frozen ? ' frozen' : ''}`}>
      <a className="skip" href="#alarm-list">
        {t.frame.skipToAlarms}
      </a>
      <a className="skip" href="#map">
        {t.frame.skipToMap}
      </a>
      <Header onHelp={() => setHelp(true)} drawer={drawer} onDrawer={() => setDrawer((open) => !open)} />
      <Banners />
      <nav aria-label={t.frame.navigation}>
        <a href="#/dispatch" aria-current="page">
          {t.frame.dispatch}
        </a>
      </nav>
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
      <aside className={`side${drawer ? ' open' : ''}`} aria-label={t.frame.side} id="side">
        <ErrorBoundary what={t.alarms.region}>
          <AlarmPanel />
        </ErrorBoundary>
        <ErrorBoundary what={t.assets.region}>
          <DetailPanel />
        </ErrorBoundary>
      </aside>
      <AlarmAnnouncer />
      {help ? <HelpSheet onClose={() => setHelp(false)} /> : null}
    </div>
  )
}

/** Keys that act anywhere, except while somebody types. */
function useGlobalKeys(onHelp: () => void, setDrawer: (open: boolean) => void): void {
  const { selection, plan, detailTab } = useConsole()
  const latest = useRef({ onHelp, setDrawer })
  latest.current = { onHelp, setDrawer }
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target } = event
      const typing = target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null
      if (event.defaultPrevented || typing || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === '?') latest.current.onHelp()
      else if (event.key === '/') document.getElementById('asset-search')?.focus()
      else if (event.key === 'Escape') {
        // Top layer first: the plan, then the selection, then the drawer.
        if (plan.get() !== undefined) {
          plan.set(undefined)
          detailTab.set('asset')
        } else if (selection.get() !== null) selection.select(null)
        else latest.current.setDrawer(false)
      } else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [selection, plan, detailTab])
}
