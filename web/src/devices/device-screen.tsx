import '../style/devices.css'
import { useState } from 'react'
import { ErrorBoundary } from '../app/error-boundary.tsx'
import { CampaignsTab } from './campaigns-tab.tsx'
import { CommandsTab } from './commands-tab.tsx'
import { DeviceList } from './device-list.tsx'
import { DevicePane } from './device-pane.tsx'
import { useDeviceText } from './device-text.ts'
import { QuarantineTab } from './quarantine-tab.tsx'
import { RatesTab } from './rates-tab.tsx'
import { Tabs } from './tabs.tsx'
import { TrustTab } from './trust-tab.tsx'

const TABS = ['list', 'rates', 'quarantine', 'orders', 'campaigns', 'trust'] as const
type Tab = (typeof TABS)[number]
const BODIES: Readonly<Record<Tab, () => React.JSX.Element>> = {
  list: DeviceList,
  rates: RatesTab,
  quarantine: QuarantineTab,
  orders: CommandsTab,
  campaigns: CampaignsTab,
  trust: TrustTab,
}

/** Do we hear every device, and what have we told them? */
export function DeviceScreen() {
  const t = useDeviceText()
  const [tab, setTab] = useState<Tab>('list')
  const Body = BODIES[tab]
  return (
    <main className="work devices-work">
      <section className="devices-main" aria-label={t.tabs[tab]} id="device-list">
        <Tabs label={t.title} names={TABS} words={t.tabs} chosen={tab} onChoose={setTab} body="devices-body" />
        <div className="devices-body" id="devices-body" role="tabpanel" aria-labelledby={`devices-body-${tab}`}>
          <ErrorBoundary what={t.tabs[tab]} key={tab}>
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
