export * from './balance/zone-period.ts'
export * from './detectors/detection.ts'
