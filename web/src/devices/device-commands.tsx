import { useCallback } from 'react'
import { CommandTable } from './command-table.tsx'
import type { DeviceApi } from './device-api.ts'
import { useDeviceText } from './device-text.ts'
import { OrderForm } from './order-form.tsx'
import { AskedAt, AskedState, useAsked } from './use-asked.tsx'

const RENEW_MS = 3_000

interface DeviceCommandsProps {
  readonly number: string
  readonly kind: 'meter' | 'rtu' | 'valve'
}

/** What this device was told, and how to tell it more. */
export function DeviceCommands({ number, kind }: DeviceCommandsProps) {
  const t = useDeviceText()
  const ask = useCallback((api: DeviceApi) => api.commands(number), [number])
  const asked = useAsked(number, ask, RENEW_MS)
  return (
    <>
      {kind === 'valve' ? <p className="second">{t.order.valvesCloseElsewhere}</p> : null}
      <OrderForm key={number} number={number} of={kind} onDone={asked.again} />
      <AskedState asked={asked} what={t.waiting.orders} />
      {asked.value === undefined ? null : asked.value.length === 0 ? (
        <p className="empty">{t.ledger.noneHere}</p>
      ) : (
        <CommandTable commands={asked.value} many={false} onChanged={asked.again} />
      )}
      <AskedAt asked={asked} />
    </>
  )
}
