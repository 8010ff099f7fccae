import type { EpisodeBook } from './episode-book.ts'
import type { HostileSubject, SubjectList } from './suspects-list.ts'
import { TERMINAL_FEATURE_COUNT } from './terminal-features.table.ts'
import { explainTerminal, scoreTerminals, type TerminalModel } from './terminal-model.ts'

const OBSERVE = 2
/** Terminals that the model looks at in one tick, and for how many of them it says why: nobody else may wait long. */
const MOST_JUDGED = 300
const MOST_EXPLAINED = 20

/** Lets the learned model warn of terminals and have them observed. */
export class TerminalJudge {
  readonly #episodes: EpisodeBook
  readonly #subjects: SubjectList
  readonly #propose: (subject: HostileSubject, rank: number) => void

  /** @param propose  asks for a step, by its rank */
  constructor(episodes: EpisodeBook, subjects: SubjectList, propose: (subject: HostileSubject, rank: number) => void) {
    this.#episodes = episodes
    this.#subjects = subjects
    this.#propose = propose
  }

  /** What the model says of everybody in whose episode something happened. */
  tick(model: TerminalModel, now: number): void {
    const { episodes, features } = this.#episodes.takeChanged(now, MOST_JUDGED)
    let explained = 0
    const scores = scoreTerminals(model, features)
    for (const [row, episode] of episodes.entries()) {
      const { device, from, slot } = episode
      const probability = scores[row] as number
      const known = this.#subjects.find(device, from)
      // Of who has no row, as concentrators, only what was refused is known.
      if (probability < model.facts.warn || slot < 0) {
        if (known?.learned !== undefined) known.learned = undefined
        continue
      }
      const rank = probability >= model.facts.observe ? OBSERVE : 1
      const said = known?.learned
      // Why is asked when it is news: that costs more than the judgement.
      const isNews = said === undefined || rank > said.rank
      if (isNews && ++explained > MOST_EXPLAINED) {
        episode.isChanged = true
        continue
      }
      const one = features.subarray(row * TERMINAL_FEATURE_COUNT, (row + 1) * TERMINAL_FEATURE_COUNT)
      const because = isNews ? explainTerminal(model, one) : said.because
      const subject = known ?? this.#subjects.reach(device, from, now)
      subject.learned = { probability: Math.round(1000 * probability) / 1000, at: now, rank, because }
      if (rank > subject.rank) this.#propose(subject, rank)
    }
  }
}
