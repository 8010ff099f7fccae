import type { Reading, Report } from '@gastwin/twin'
import type { DeviceLookup } from '../report/lookup.ts'
import { deviceKey } from '../sm4/keys.ts'
import { bytesOf } from './hostile.ts'

const MASTER = bytesOf('00112233445566778899AABBCCDDEEFF')
/** 2026-03-15 00:54:20 in China, the moment of the spreading formula's example. */
const AT = Date.UTC(2026, 2, 14, 16, 54, 20)

/** An archive in which every device has a key and the standard's status word. */
export const ARCHIVE: DeviceLookup = { keyOf: (device) => deviceKey(MASTER, device), statusProfileOf: () => 'standard' }

/** The daily report of a residential meter: register, all alarms, valve, clock, radio quality (S0-107, S0-108). */
export const DAILY: Report = {
  device: 181702000027,
  kind: 'meter',
  trigger: 'timed',
  deviceTime: AT,
  sequence: 731,
  readings: [
    { quantity: 'index_m3', at: AT, value: 1206.42 },
    { quantity: 'settlement_index_m3', at: AT, value: 1150 },
  ],
  events: ['battery_low', 'small_flow'],
  status: { valve: 'open', batteryVolt: 3.412, rsrpDbm: -108.5, sinrDb: 4.2, ecl: 1, pci: 311 },
}

/** The two-hourly report of a commercial or industrial meter with corrector: 24 samples, five minutes apart (S0-63). */
export const BUNDLE: Report = {
  device: 181702900001,
  kind: 'meter',
  trigger: 'timed',
  deviceTime: AT,
  sequence: 12_345,
  readings: Array.from({ length: 24 }, (_, i): Reading[] => {
    const at = AT - (23 - i) * 300_000
    const wave = Math.sin(i * 1.7)
    return [
      { quantity: 'index_m3', at, value: Math.round(1_843_205 + i * 42.12 + 9 * wave) / 10 },
      { quantity: 'standard_index_m3', at, value: Math.round(91_220_410 + i * 1_684.8 + 360 * wave) / 100 },
      { quantity: 'pressure_pa', at, value: Math.round(401_325 + 900 * wave) },
      { quantity: 'temperature_k', at, value: Math.round(28_815 + 40 * wave) / 100 },
      { quantity: 'standard_flow_m3_s', at, value: Math.round(56_160 + 9_000 * wave) / 1_000_000 },
    ]
  }).flat(),
  events: [],
  status: { valve: 'open', batteryVolt: 3.598, rsrpDbm: -97.1, sinrDb: 11, ecl: 0, pci: 87 },
}

/** The minute report of a pipeline RTU. */
export const RTU: Report = {
  device: 90000000012,
  kind: 'rtu',
  trigger: 'timed',
  deviceTime: AT,
  sequence: 40_001,
  readings: [
    { quantity: 'pressure_pa', at: AT, value: 104_213 },
    { quantity: 'temperature_k', at: AT, value: 288.15 },
    { quantity: 'standard_flow_m3_s', at: AT, value: 0.182431 },
    { quantity: 'gas_lel', at: AT, value: 0.0123 },
  ],
  events: [],
  status: { batteryVolt: 12.31 },
}

/** A valve actuator that registers: where it listens. */
export const REGISTRATION: Report = {
  device: 91000000034,
  kind: 'valve',
  trigger: 'registration',
  deviceTime: AT,
  sequence: 0,
  readings: [],
  events: [],
  status: { valve: 'open', firmware: 'va-2.1.0', servicePort: 40_034 },
}

/** A valve actuator that has finished closing. */
export const CLOSED: Report = {
  device: 91000000034,
  kind: 'valve',
  trigger: 'answer',
  deviceTime: AT,
  sequence: 7,
  readings: [],
  events: [],
  status: { valve: 'closed', command: { id: 41, accepted: true } },
}
