import { useEffect, useState } from 'react'
import { useConsole } from '../app/console-model.ts'
import { ErrorBoundary } from '../app/error-boundary.tsx'
import { DevicePanel, numberOf } from '../assets/device-panel.tsx'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { CardView } from './card-view.tsx'
import { DeviceCommands } from './device-commands.tsx'
import { useDeviceText, useOrderText } from './device-text.ts'
import { FramesView } from './frames-view.tsx'
import { LogView } from './log-view.tsx'
import { PermitsView } from './permits-view.tsx'
import { Tabs } from './tabs.tsx'

const TABS = ['twin', 'orders', 'permits', 'frames', 'log', 'archive'] as const
type Tab = (typeof TABS)[number]
type DeviceKind = 'meter' | 'rtu' | 'valve'
const isDevice = (kind: string | undefined): kind is DeviceKind =>
  kind === 'meter' || kind === 'rtu' || kind === 'valve'

/** Everything about the device that is chosen. */
export function DevicePane() {
  const t = useDeviceText()
  const { selection } = useConsole()
  const chosen = useStore(selection)
  return (
    <section className="device-pane" aria-label={t.pane.region}>
      {chosen !== null && isDevice(chosen.kind) ? (
        <Chosen kind={chosen.kind} asset={chosen.id} key={`${chosen.kind}:${chosen.id}`} />
      ) : (
        <p className="empty">{chosen === null ? t.pane.choose : t.pane.notADevice}</p>
      )}
    </section>
  )
}

/** Survives another choice: who looks through frames wants those of the next device too. */
let lastTab: Tab = 'twin'

function Chosen({ kind, asset }: { readonly kind: DeviceKind; readonly asset: string }) {
  const t = useDeviceText()
  const o = useOrderText()
  const words = useText()
  const { selection, screen } = useConsole()
  const [tab, setTab] = useState<Tab>(lastTab)
  const number = useNumber(kind, asset)
  const choose = (next: Tab) => {
    lastTab = next
    setTab(next)
  }
  const show = () => {
    selection.select({ kind, id: asset }, { fly: true })
    screen.set('dispatch')
  }
  return (
    <>
      <div className="panel-head">
        <h2 className="cut">
          {words.assets.kinds[kind]} <span className="id">{asset}</span>
        </h2>
        <span className="spring" />
        <button type="button" onClick={show}>
          {t.pane.onMap}
        </button>
      </div>
      <Tabs
        label={t.pane.region}
        names={TABS}
        words={{ ...t.pane.tabs, permits: o.permits.tab }}
        chosen={tab}
        onChoose={choose}
        body="pane-body"
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long panes scroll, and scrolling needs a keyboard too */}
      <div className="pane-body" id="pane-body" role="tabpanel" aria-labelledby={`pane-body-${tab}`} tabIndex={0}>
        <ErrorBoundary what={tab === 'permits' ? o.permits.tab : t.pane.tabs[tab]} key={tab}>
          {tab === 'twin' ? (
            <DevicePanel kind={kind} asset={asset} />
          ) : number === undefined ? null : tab === 'orders' ? (
            <DeviceCommands number={number} kind={kind} />
          ) : tab === 'permits' ? (
            kind === 'meter' ? (
              <PermitsView number={number} />
            ) : (
              <p className="empty">{o.permits.gasOnly}</p>
            )
          ) : tab === 'frames' ? (
            <FramesView number={number} />
          ) : tab === 'log' ? (
            <LogView number={number} />
          ) : (
            <CardView number={number} kind={kind} />
          )}
        </ErrorBoundary>
      </div>
    </>
  )
}

/** The device number behind an asset; undefined until it is known. */
function useNumber(kind: DeviceKind, asset: string): string | undefined {
  const { api } = useConsole()
  const [number, setNumber] = useState(kind === 'meter' ? asset : undefined)
  useEffect(() => {
    let gone = false
    void numberOf(api, kind, asset).then((found) => {
      if (!gone && found.ok) setNumber(found.value)
    })
    return () => {
      gone = true
    }
  }, [api, kind, asset])
  return number
}
