export * from './alarm/alarm.ts'
export * from './alarm/alarm-book.ts'
export type { SavedAlarmBook } from './alarm/alarm-snapshot.ts'
export { RULES, SUPPRESSIONS } from './alarm/rules.table.ts'
export { BALANCE_DEFAULTS, type BalanceConfig } from './balance/balance-config.ts'
export type { FrozenPeriod } from './balance/frozen-periods.ts'
export { CITY, type LiveBalance, type StripStep, ZoneBalances } from './balance/zone-balances.ts'
export * from './balance/zone-period.ts'
export { createDetectors, DETECTOR_DEFAULTS, type DetectorSettings } from './detectors/create-detectors.ts'
export * from './detectors/detection.ts'
export type * from './detectors/detector-context.ts'
export { meterSize } from './detectors/meter-size.table.ts'
export { calibrate } from './estimation/calibrate.ts'
export * from './estimation/calibration.ts'
export * from './estimation/next-rtu.ts'
export * from './estimation/node-demand.ts'
export * from './estimation/observability.ts'
export * from './estimation/sensor-watch.ts'
export * from './estimation/sensors.ts'
export * from './estimation/snapshot.ts'
export type { EstimateOptions, StateEstimate } from './estimation/state-estimate.ts'
export * from './estimation/state-estimate.ts'
export * from './estimation/state-estimator.ts'
export { StateEstimator, type StateEstimatorOptions } from './estimation/state-estimator.ts'
export { dayUse } from './gap/day-use.ts'
export { explainGap, explainGapOfSeries, type GapExplanation, type WeighedSuspicion } from './gap/explain-gap.ts'
export {
  GAP_TARIFF,
  type GapCost,
  type GapTariff,
  gapCosts,
  marginalPrice,
  salePrices,
  sharesYuan,
} from './gap/gap-money.ts'
export { GAP_ASSUMPTIONS, type GapAssumptions, type GapOptions } from './gap/gap-options.ts'
export * from './gap/gap-period.ts'
export type { KnownLeak, LeakStanding } from './gap/known-leak.ts'
export {
  firstByEither,
  type MeterReplacement,
  meterReplacements,
  type ReplacementOrder,
  replaceFirst,
} from './gap/meter-replacement.ts'
export { type MeterSuspect, meterSuspects, type SuspectKind } from './gap/meter-suspects.ts'
export { type ReopenedPeriod, reopenedPeriods } from './gap/reopened-periods.ts'
export { METER_PRICES, type MeterPrices } from './gap/replacement-prices.ts'
export { ownUse, type SuspicionFact, type TamperCode, type TamperEvent } from './gap/suspect-facts.ts'
export { type SuspicionDay, suspicionDays } from './gap/suspicion-days.ts'
export {
  evaluateTerminals,
  judgeModel,
  type KindFigures,
  type TerminalEvaluation,
} from './hostile/evaluate-terminals.ts'
export type { FrameOrigin } from './hostile/frame-origin.ts'
export {
  HOSTILE_SETTINGS,
  SUSPICIONS,
  type Suspicion,
  TERMINAL_STEPS,
  type TerminalStep,
} from './hostile/hostile-settings.ts'
export { HostileWatch, type ProposedStep } from './hostile/hostile-watch.ts'
export { TERMINAL_FEATURE_COUNT } from './hostile/terminal-features.table.ts'
export {
  type LearnedReason,
  packTerminalModel,
  type TerminalModel,
  unpackTerminalModel,
} from './hostile/terminal-model.ts'
export { type SeenTerminal, type TerminalLooks, trainTerminalModel } from './hostile/train-terminal-model.ts'
export type * from './leak/leak-incident.ts'
export { LEAK_DEFAULTS, type LeakSettings } from './leak/leak-settings.ts'
export { LeakWatch } from './leak/leak-watch.ts'
export { replayLeaks } from './leak/replay-leaks.ts'
export * from './low-flow/public.ts'
export { BatteryBook } from './meter-health/battery-book.ts'
export { fleetHealth, type HealthReason, type MeterDue } from './meter-health/health-list.ts'
export { assessPlace, coverageByCell } from './readings/coverage.ts'
export { ratesOf } from './readings/reading-rate.ts'
export { ReadingTally, type TalliedDay } from './readings/reading-tally.ts'
export {
  NIGHT,
  planSpreading,
  reattach,
  type SpreadMeter,
  spreadForReattach,
  USUAL,
} from './readings/spreading-plan.ts'
export { FAULT_DEFAULTS, findTerminalFaults, type TerminalFacts } from './readings/terminal-faults.ts'
export { findAsset, type TelemetryPlace } from './telemetry/find-asset.ts'
export {
  seriesOf,
  TELEMETRY_QUANTITIES,
  type Telemetry,
  type TelemetryQuantity,
  type TelemetrySeries,
} from './telemetry/telemetry.ts'
export { TelemetryBuilder } from './telemetry/telemetry-builder.ts'
