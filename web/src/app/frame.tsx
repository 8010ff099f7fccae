import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { AlarmPanel } from '../alarms/alarm-panel.tsx'
import { AlarmAnnouncer } from '../alarms/announcer.tsx'
import { UrgentLine } from '../alarms/urgent-line.tsx'
import { DetailPanel } from '../assets/detail-panel.tsx'
import { SCREENS } from '../state/screen.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { Banners } from './banners.tsx'
import { useConsole } from './console-model.ts'
import { DispatchScreen } from './dispatch-screen.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Header } from './header.tsx'
import { HelpSheet } from './help-sheet.tsx'
import { Loading } from './loading.tsx'
import { Navigation } from './navigation.tsx'

const LATER = {
  gap: lazy(async () => ({ default: (await import('../gap/gap-screen.tsx')).GapScreen })),
  devices: lazy(async () => ({ default: (await import('../devices/device-screen.tsx')).DeviceScreen })),
}

/** Where the keyboard jumps to on each screen. */
const SKIPS = { dispatch: '#alarm-list', gap: '#zone-ranking', devices: '#device-list' } as const

/** What stands on every screen: header with the alarm counts, banners, the way to the other screens, the alarms at the side. */
export function Frame() {
  const t = useText()
  const { link, selection, screen } = useConsole()
  const phase = useSlice(link, (l) => l.phase)
  const shown = useStore(screen)
  const Later = LATER[shown === 'dispatch' ? 'gap' : shown]
  const [help, setHelp] = useState(false)
  const [drawer, setDrawer] = useState(false)
  const chosen = useStore(selection)
  useEffect(() => {
    // The other screens show what is chosen themselves: their drawer opens by hand.
    if (chosen !== null && screen.get() === 'dispatch') setDrawer(true)
  }, [chosen, screen])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another screen closes the drawer
  useEffect(() => setDrawer(false), [shown])
  useGlobalKeys(() => setHelp((open) => !open), setDrawer)
  const frozen = phase === 'offline' || phase === 'stale'
  return (
    <div className={`frame ${shown} ${phase}${frozen ? ' frozen' : ''}`}>
      <a className="skip" href={SKIPS[shown]}>
        {{ dispatch: t.frame.skipToAlarms, gap: t.frame.skipToZones, devices: t.frame.skipToDevices }[shown]}
      </a>
      {shown === 'devices' ? null : (
        <a className="skip" href="#map">
          {t.frame.skipToMap}
        </a>
      )}
      <Header onHelp={() => setHelp(true)} drawer={drawer} onDrawer={() => setDrawer((open) => !open)} />
      <div className="banners">
        <UrgentLine />
        <Banners />
      </div>
      <Navigation />
      {shown === 'dispatch' ? (
        <DispatchScreen />
      ) : (
        <ErrorBoundary what={t.frame.screens[shown]} key={shown}>
          <Suspense
            fallback={
              <main className="work">
                <Loading what={t.frame.screens[shown]} />
              </main>
            }
          >
            <Later />
          </Suspense>
        </ErrorBoundary>
      )}
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

/** A digit that follows `g` this soon after it means a screen. */
const PAIR_MS = 1500

/** Keys that act anywhere, except while somebody types. */
function useGlobalKeys(onHelp: () => void, setDrawer: (open: boolean) => void): void {
  const { selection, plan, detailTab, screen } = useConsole()
  const latest = useRef({ onHelp, setDrawer })
  latest.current = { onHelp, setDrawer }
  useEffect(() => {
    let goAt = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent) => {
      const { target } = event
      const asked = /^Digit\d$/.test(event.code) ? SCREENS[Number(event.code.slice(5)) - 1] : undefined
      if (event.defaultPrevented || event.ctrlKey || event.metaKey) return
      if (event.altKey) {
        if (asked === undefined) return
        screen.set(asked)
        return event.preventDefault()
      }
      if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null) return
      // Some browsers keep Alt and a digit for their tabs.
      if (asked !== undefined && event.timeStamp - goAt < PAIR_MS) screen.set(asked)
      else if (event.key === 'g') goAt = event.timeStamp
      else if (event.key === '?') latest.current.onHelp()
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
  }, [selection, plan, detailTab, screen])
}
