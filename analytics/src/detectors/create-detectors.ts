import type { Detector } from './detection.ts'
import type { DetectorContext } from './detector-context.ts'
import {
  DEVICE_EVENT_SETTINGS,
  DeviceEventDetector,
  type DeviceEventSettings,
} from './device-events/device-event-detector.ts'
import { FleetWatchDetector } from './fleet-watch/fleet-watch-detector.ts'
import { FLEET_WATCH_SETTINGS, type FleetWatchSettings } from './fleet-watch/fleet-watch-settings.ts'
import { GAS_LIMITS, GasDetector, type GasLimits } from './gas/gas-detector.ts'
import {
  METER_OVERAGE_SETTINGS,
  MeterOverageDetector,
  type MeterOverageSettings,
} from './meter-overage/meter-overage-detector.ts'
import { RegisterDetector } from './meter-register/register-detector.ts'
import { REGISTER_SETTINGS, type RegisterSettings } from './meter-register/register-settings.ts'
import { PressureDropDetector } from './pressure-drop/pressure-drop-detector.ts'
import { PRESSURE_DROP_SETTINGS, type PressureDropSettings } from './pressure-drop/pressure-drop-settings.ts'
import {
  PRESSURE_LIMIT_SETTINGS,
  PressureLimitDetector,
  type PressureLimitSettings,
} from './pressure-limits/pressure-limit-detector.ts'
import { MassBalanceDetector } from './zone-mass-balance/mass-balance-detector.ts'
import { MASS_BALANCE_SETTINGS, type MassBalanceSettings } from './zone-mass-balance/mass-balance-settings.ts'

/** Every threshold of every detector; what each number means stands at its type. */
export interface DetectorSettings {
  readonly gas: GasLimits
  readonly pressureLimits: PressureLimitSettings
  readonly pressureDrop: PressureDropSettings
  readonly deviceEvents: DeviceEventSettings
  readonly massBalance: MassBalanceSettings
  readonly register: RegisterSettings
  readonly fleetWatch: FleetWatchSettings
  readonly meterOverage: MeterOverageSettings
}

export const DETECTOR_DEFAULTS: DetectorSettings = {
  gas: GAS_LIMITS,
  pressureLimits: PRESSURE_LIMIT_SETTINGS,
  pressureDrop: PRESSURE_DROP_SETTINGS,
  deviceEvents: DEVICE_EVENT_SETTINGS,
  massBalance: MASS_BALANCE_SETTINGS,
  register: REGISTER_SETTINGS,
  fleetWatch: FLEET_WATCH_SETTINGS,
  meterOverage: METER_OVERAGE_SETTINGS,
}

/** All detectors in the order in which a batch should meet them: what can be most urgent first. */
export function createDetectors(
  context: DetectorContext,
  settings: Partial<DetectorSettings> = {},
): readonly Detector[] {
  const use = { ...DETECTOR_DEFAULTS, ...settings }
  return [
    new GasDetector(context, use.gas),
    new PressureDropDetector(context, use.pressureDrop),
    new PressureLimitDetector(context, use.pressureLimits),
    new MassBalanceDetector(context, use.massBalance),
    new DeviceEventDetector(context, use.deviceEvents),
    new RegisterDetector(context, use.register),
    new FleetWatchDetector(context, use.fleetWatch),
    new MeterOverageDetector(context, use.meterOverage),
  ]
}
