import '../style/lists.css'
import '../style/devices.css'
import { useConsole } from '../app/console-model.ts'
import { ErrorBoundary } from '../app/error-boundary.tsx'
import { DEVICE_TABS, type DeviceTab } from '../state/screen.ts'
import { useStore } from '../state/store.ts'
import { ArchiveTab } from './archive-tab.tsx'
import { CampaignsTab } from './campaigns-tab.tsx'
import { CommandsTab } from './commands-tab.tsx'
import { DeviceList } from './device-list.tsx'
import { DevicePane } from './device-pane.tsx'
import { useDeviceText, useOrderText } from './device-text.ts'
import { QuarantineTab } from './quarantine-tab.tsx'
import { RatesTab } from './rates-tab.tsx'
import { SpreadingTab } from './spreading-tab.tsx'
import { Tabs } from './tabs.tsx'
import { TrustTab } from './trust-tab.tsx'

const BODIES: Readonly<Record<DeviceTab, () => React.JSX.Element>> = {
  list: DeviceList,
  rates: RatesTab,
  quarantine: QuarantineTab,
  orders: CommandsTab,
  campaigns: CampaignsTab,
  spreading: SpreadingTab,
  archive: ArchiveTab,
  trust: TrustTab,
}

/** Do we hear every device, and what have we told them? */
export function DeviceScreen() {
  const t = useDeviceText()
  const words = { ...t.tabs, spreading: useOrderText().spreading.tab }
  const { deviceTab } = useConsole()
  const tab = useStore(deviceTab)
  const Body = BODIES[tab]
  return (
    <main className="work devices-work">
      <section className="devices-main" aria-label={words[tab]} id="device-list">
        <Tabs
          label={t.title}
          names={DEVICE_TABS}
          words={words}
          chosen={tab}
          onChoose={deviceTab.set}
          body="devices-body"
        />
        <div className="devices-body" id="devices-body" role="tabpanel" aria-labelledby={`devices-body-${tab}`}>
          <ErrorBoundary what={words[tab]} key={tab}>
            <Body />
          </ErrorBoundary>
        </div>
      </section>
      <ErrorBoundary what={t.pane.region}>
        <DevicePane />
      </ErrorBoundary>
    </main>
  )
}
