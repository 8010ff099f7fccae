import { courseFeatures, firstColumns } from './course-features.ts'
import type { DayPanel } from './day-panel.ts'
import { commonCourse } from './peer-course.ts'
import { scoreReference } from './score-drift.ts'
import { scoreFeatures, type TheftModel } from './theft-model.ts'

/**
 * The same model with the deciles of its inputs and scores over a usual town, such as the one it was trained on: drift is
 * then measured from there.
 * @param panel courses of the town, none of them under an injected attack
 */
export function recordReference(model: TheftModel, panel: DayPanel): TheftModel {
  const { columns } = model.bins
  const peers = commonCourse(panel)
  const features = courseFeatures(panel, peers, columns)
  const scores = scoreFeatures(model, panel, peers, features, 1)
  return { ...model, reference: scoreReference(firstColumns(features, columns), scores, columns) }
}
