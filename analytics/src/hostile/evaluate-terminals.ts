import { seededRandom } from '../models/seeded-random.ts'
import { quantileOf } from '../theft/median.ts'
import { rankingScores, rankRows } from '../theft/ranking-scores.ts'
import type { Interval } from '../theft/resampled-scores.ts'
import type { TerminalModel } from './terminal-model.ts'
import {
  pickLooks,
  type SeenTerminal,
  type TerminalLooks,
  trainTerminalModel,
  worstScores,
} from './train-terminal-model.ts'

/** What became of one kind of attack. */
export interface KindFigures {
  readonly kind: string
  readonly attackers: number
  readonly terminals: number
  /** Probability that a terminal of the attack is above an honest one. */
  readonly roc_auc: Interval
  /** Shares of the attack's terminals that the model warned of, the rules warned of, and one of both. */
  readonly learned: Interval
  readonly rules: Interval
  readonly either: Interval
}

export interface TerminalEvaluation {
  /** Each kind judged by a model that was trained without its family, in other cities. */
  readonly kinds: readonly KindFigures[]
  /** Honest terminals that were looked at, and the shares of them that were warned of without need: mean over those models. */
  readonly honest: number
  readonly false_by_model: Interval
  readonly false_by_rules: Interval
}

/** A terminal as it was judged. */
interface Judged extends SeenTerminal {
  readonly score: number
  readonly isWarned: boolean
}

/**
 * Judges every kind of attack by a model that has never seen its family (what stands before the dot of its name), in cities it has
 * never seen. Intervals hold nine tenths of draws of attackers, and of honest terminals, with replacement.
 */
export function evaluateTerminals(
  train: TerminalLooks,
  test: TerminalLooks,
  options: { readonly seed: number; readonly resamples: number },
): TerminalEvaluation {
  const families = [...new Set(test.seen.map(({ kind }) => familyOf(kind)))].filter((family) => family !== '').sort()
  const falsely: number[] = []
  let honest: readonly Judged[] = []
  const figures = families.flatMap((family): KindFigures[] => {
    const known = pickLooks(
      train,
      (look) => familyOf(train.seen[train.terminals[look] as number]?.kind ?? '') !== family,
    )
    const model = trainTerminalModel(known, options.seed)
    const judged = judge(model, test)
    honest = judged.filter((one) => one.kind === '')
    falsely.push(shareOf(honest, ({ isWarned }) => isWarned))
    const kinds = [...new Set(judged.map(({ kind }) => kind))].filter((kind) => familyOf(kind) === family).sort()
    return kinds.map((kind) =>
      figuresOf(
        kind,
        judged.filter((one) => one.kind === kind),
        honest,
        options,
      ),
    )
  })
  const draw = drawer(options)
  return {
    ...{ kinds: figures, honest: honest.length },
    // The spread over honest terminals is that of one of the models; they differ by one family of attacks.
    false_by_model: {
      ...draw(
        honest.map((one) => [one]),
        (drawn) => shareOf(drawn, ({ isWarned }) => isWarned),
      ),
      value: falsely.reduce((sum, share) => sum + share, 0) / Math.max(1, falsely.length),
    },
    false_by_rules: draw(
      honest.map((one) => [one]),
      (drawn) => shareOf(drawn, ({ rulesRank }) => rulesRank > 0),
    ),
  }
}

/** Judges a model as it is, in cities it has not seen: what it finds of kinds of attack it was trained on. */
export function judgeModel(
  model: TerminalModel,
  test: TerminalLooks,
  options: { readonly seed: number; readonly resamples: number },
): TerminalEvaluation {
  const judged = judge(model, test)
  const honest = judged.filter((one) => one.kind === '')
  const kinds = [...new Set(judged.map(({ kind }) => kind))].filter((kind) => kind !== '').sort()
  const each = honest.map((one) => [one])
  const draw = drawer(options)
  return {
    kinds: kinds.map((kind) =>
      figuresOf(
        kind,
        judged.filter((one) => one.kind === kind),
        honest,
        options,
      ),
    ),
    honest: honest.length,
    false_by_model: draw(each, (drawn) => shareOf(drawn, ({ isWarned }) => isWarned)),
    false_by_rules: draw(each, (drawn) => shareOf(drawn, ({ rulesRank }) => rulesRank > 0)),
  }
}

const judge = (model: TerminalModel, test: TerminalLooks): readonly Judged[] =>
  [...worstScores(model, test)].flatMap(([terminal, score]): Judged[] => {
    const one = test.seen[terminal]
    return one === undefined ? [] : [{ ...one, score, isWarned: score >= model.facts.warn }]
  })

function figuresOf(
  kind: string,
  hostile: readonly Judged[],
  honest: readonly Judged[],
  options: { readonly seed: number; readonly resamples: number },
): KindFigures {
  const byAttacker = new Map<string, Judged[]>()
  for (const one of hostile) {
    const key = `${one.city} ${one.attacker}`
    byAttacker.set(key, [...(byAttacker.get(key) ?? []), one])
  }
  const attackers = [...byAttacker.values()]
  const draw = drawer(options)
  return {
    ...{ kind, attackers: attackers.length, terminals: hostile.length },
    roc_auc: draw(attackers, (drawn) => areaOf(drawn, honest)),
    learned: draw(attackers, (drawn) => shareOf(drawn, ({ isWarned }) => isWarned)),
    rules: draw(attackers, (drawn) => shareOf(drawn, ({ rulesRank }) => rulesRank > 0)),
    either: draw(attackers, (drawn) => shareOf(drawn, ({ isWarned, rulesRank }) => isWarned || rulesRank > 0)),
  }
}

function drawer({ seed, resamples }: { readonly seed: number; readonly resamples: number }) {
  return (groups: readonly (readonly Judged[])[], of: (drawn: readonly Judged[]) => number): Interval => {
    const random = seededRandom(seed)
    const drawn = Float64Array.from({ length: resamples }, () =>
      of(groups.flatMap(() => groups[random.below(groups.length)] ?? [])),
    ).sort()
    return { value: of(groups.flat()), p05: quantileOf(drawn, 0.05), p95: quantileOf(drawn, 0.95) }
  }
}

function areaOf(hostile: readonly Judged[], honest: readonly Judged[]): number {
  const all = [...hostile, ...honest]
  const labels = Uint8Array.from(all, ({ kind }) => (kind === '' ? 0 : 1))
  const scores = all.map(({ score }) => score)
  return rankingScores(rankRows(scores, Int32Array.from(all.keys())), labels).rocAuc
}

function shareOf(judged: readonly Judged[], is: (one: Judged) => boolean): number {
  return judged.length === 0 ? Number.NaN : judged.filter(is).length / judged.length
}

const familyOf = (kind: string): string => kind.split('.')[0] ?? ''
