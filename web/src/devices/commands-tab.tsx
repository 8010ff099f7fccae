import { useState } from 'react'
import { CommandTable } from './command-table.tsx'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 3_000
const ask = (api: DeviceApi) => api.commands()

/** The ledger of commands to all devices, newest first. */
export function CommandsTab() {
  const t = useDeviceText()
  const [only, setOnly] = useState<'open' | 'all'>('all')
  const asked = useAsked('commands', ask, RENEW_MS)
  const shown = asked.value?.filter((command) => only === 'all' || command.waiting_for !== null)
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: two switches, not a form */}
      <div className="device-filters" role="group" aria-label={t.ledger.only}>
        {(['all', 'open'] as const).map((name) => (
          <button key={name} type="button" aria-pressed={name === only} onClick={() => setOnly(name)}>
            {t.ledger.filters[name]}
          </button>
        ))}
        <span className="spring" />
        <AskedAt asked={asked} />
      </div>
      <AskedState asked={asked} what={t.waiting.orders} />
      <div className="devices-scroll">
        {shown === undefined ? null : shown.length === 0 ? (
          <p className="empty">{t.ledger.none}</p>
        ) : (
          <CommandTable commands={shown} many onChanged={asked.again} />
        )}
      </div>
    </>
  )
}
