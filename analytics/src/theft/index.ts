export { type BackendOptions, heldTensors, type ModelBackend, readyBackend, readyTraining } from '../models/backend.ts'
export { decodeModel, encodeModel, type ModelContainer } from '../models/model-container.ts'
export type { Calibration } from './calibration.ts'
export { compareScores, type ScoreComparison, scoreRanks } from './compare-scores.ts'
export { courseFeatures } from './course-features.ts'
export { type DayPanel, LEAST_DAYS, pickRows } from './day-panel.ts'
export { type EvaluationOptions, evaluateTheft, type ModelScores, type TheftEvaluation } from './evaluate-theft.ts'
export { explainSuspicion, type Reason, type Suspicion, sizeDrop } from './explain-suspicion.ts'
export { caseNumbers } from './folds.ts'
export { commonCourse, type PeerCourse } from './peer-course.ts'
export { rankingScores, rankRows } from './ranking-scores.ts'
export { recordReference } from './record-reference.ts'
export { type Interval, resampledScores } from './resampled-scores.ts'
export { FleetScan, type FleetSuspects } from './scan-fleet.ts'
export { type ScoreDrift, scoreDrift } from './score-drift.ts'
export {
  disposeModel,
  packModel,
  type ScoreOptions,
  scoreCourses,
  scoreFeatures,
  type TheftModel,
  type TheftModelFacts,
  unpackModel,
} from './theft-model.ts'
export { THEFT_TRAINING, type TheftTraining, trainOnInjectedAttacks, trainOnLabels } from './train-theft-model.ts'
