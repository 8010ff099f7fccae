import type { Alarm } from '@gastwin/analytics'
import type { Leak, SuspectFinding, TruthFinding } from '../contract/index.ts'
import type { GapStated } from '../ledger/ledger-messages.ts'
import { SUSPECTED } from '../ledger/suspect-record.ts'

/** Events of the truth that end or follow something and are nothing to be found. */
const NOTHING_TO_FIND = /mended|opened|end$/

/** What of the service may hold a finding. */
export interface Findings {
  readonly stated: Pick<GapStated, 'suspects' | 'found'> | undefined
  readonly leaks: readonly Leak[]
  readonly alarms: readonly Alarm[]
}

/** Holds every thing that truly happens in an emulated city against suspects, leaks and alarms of the same asset. */
export function truthFindings(truth: readonly unknown[], found: Findings): TruthFinding[] {
  return truth.flatMap((event): TruthFinding[] => {
    if (typeof event !== 'object' || event === null) return []
    const { event: kind, asset, at, form } = event as Readonly<Record<string, unknown>>
    if (typeof kind !== 'string' || typeof asset !== 'string' || asset === '' || NOTHING_TO_FIND.test(kind)) return []
    const begun = typeof at === 'number' ? at : null
    const finding =
      suspectOf(kind, asset, begun, found) ?? leakOf(asset, found) ?? alarmOf(kind, asset, begun ?? 0, found) ?? NOTHING
    return [{ kind: typeof form === 'string' ? `${kind}/${form}` : kind, asset, begun_at: begun, ...finding }]
  })
}

type Finding = Pick<TruthFinding, 'found_as' | 'found_at' | 'probability' | 'right'>
const NOTHING: Finding = { found_as: null, found_at: null, probability: null, right: false }

/** From this probability on somebody would go there. */
const VISITED = 0.4

/** What a thing in the truth ought to be found as; other things by whatever speaks against the meter most. */
const RIGHT_KINDS: Readonly<Record<string, readonly SuspectFinding['kind'][]>> = {
  theft: ['theft'],
  stopped_meter: ['stopped'],
  wrong_size: ['oversized'],
  small_flow: ['leak_behind_meter', 'small_flow'],
}

function suspectOf(truth: string, asset: string, begun: number | null, { stated }: Findings): Finding | undefined {
  const suspect = stated?.suspects.find(({ meter }) => meter === asset)
  if (suspect === undefined) return undefined
  const reasons = [suspect, ...suspect.also].filter(({ probability }) => probability >= SUSPECTED)
  const reason = reasons.find(({ kind }) => RIGHT_KINDS[truth]?.includes(kind) === true) ?? reasons[0]
  if (reason === undefined) return undefined
  const { kind, probability } = reason
  const foundAt = stated?.found.get(`${asset}/${kind}`) ?? null
  const fits = RIGHT_KINDS[truth]?.includes(kind) === true
  // Who was suspected before there was a cause is found by chance.
  const right = fits && probability >= VISITED && (foundAt === null || begun === null || foundAt >= begun)
  return { found_as: kind, found_at: foundAt, probability, right }
}

function leakOf(asset: string, { leaks }: Findings): Finding | undefined {
  for (const { kind, candidates, detected_at } of leaks) {
    const candidate = candidates.find(({ pipe }) => pipe === asset)
    if (candidate !== undefined && detected_at !== null)
      return { found_as: kind, found_at: detected_at, probability: candidate.probability, right: true }
  }
  return undefined
}

function alarmOf(truth: string, asset: string, begun: number, { alarms }: Findings): Finding | undefined {
  const alarm = alarms.find((one) => one.asset.id === asset && one.updated_at >= begun)
  return alarm === undefined
    ? undefined
    : { found_as: alarm.rule, found_at: alarm.raised_at, probability: null, right: RIGHT_KINDS[truth] === undefined }
}
