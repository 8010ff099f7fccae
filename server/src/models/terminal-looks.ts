import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type SeenTerminal, TERMINAL_FEATURE_COUNT, TERMINAL_STEPS, type TerminalLooks } from '@gastwin/analytics'
import { type Report, UsageError, WALL_CLOCK } from '@gastwin/twin'
import { readNetworkFile } from '../config/network-file.ts'
import { CityState } from '../pipeline/city-state.ts'

const MINUTE_MS = 60_000
const FORMAT = 'gastwin-traffic/1'
/** Codes of frames that were not taken, as `HostileWatch.noteRefused` has them. */
const REFUSED = [
  'unreadable',
  'undecryptable',
  'plain_refused',
  'contact_refused',
  'contact_revoked',
  'contact_replayed',
] as const
type Refused = (typeof REFUSED)[number]

interface Saying {
  readonly at: number
  readonly device: number
  readonly from: string
  readonly sealed: boolean
  readonly kind: string
  readonly said: Report | Refused
}

/** Terminals of some cities, as they were looked at minute by minute; each with the kind of attack that stood behind it. */
interface Gathered {
  readonly seen: SeenTerminal[]
  readonly features: Float32Array[]
  readonly terminals: number[]
  readonly sampled: number[]
}

/**
 * Traffic with known attackers, as what a model is trained on: each file is lived through by the state of a service (no sockets, no
 * steps taken), and each terminal is looked at in every minute in which something came of it.
 * @throws UsageError API_INPUT when a file is no traffic
 */
export async function readTerminalLooks(files: readonly string[]): Promise<TerminalLooks> {
  const gathered: Gathered = { seen: [], features: [], terminals: [], sampled: [] }
  for (const [city, file] of files.entries()) await live(file, city, gathered)
  const features = new Float32Array(gathered.terminals.length * TERMINAL_FEATURE_COUNT)
  let at = 0
  for (const part of gathered.features) {
    features.set(part, at)
    at += part.length
  }
  const { seen, terminals, sampled } = gathered
  return { seen, features, terminals: Int32Array.from(terminals), sampled: Uint8Array.from(sampled) }
}

async function live(file: string, city: number, gathered: Gathered): Promise<void> {
  const fail = (why: string): never => {
    throw new UsageError('API_INPUT', `traffic ${file}: ${why}`)
  }
  const [head = '', ...lines] = (await readFile(file, 'utf8').catch(() => fail('it cannot be read'))).trim().split('\n')
  const about = JSON.parse(head) as { readonly format?: string; readonly network?: string }
  if (about.format !== FORMAT || about.network === undefined) return fail(`its first line is no head of ${FORMAT}`)
  const state = new CityState(await readNetworkFile(path.join(path.dirname(file), about.network)), WALL_CLOCK)
  const sayings = lines.map((line) => JSON.parse(line) as Saying)
  // NaN is no JSON: a clock that is missing comes as null.
  const kinds = new Map(sayings.flatMap(({ device, from, kind }) => (kind === '' ? [] : [[`${device}@${from}`, kind]])))
  const numbers = new Map<string, number>()
  const attackers = new Map<string, number>()
  const ranks = new Map<string, number>()
  const looked = new Map<number, number>()
  const look = (now: number): void => {
    for (const { device, from, step } of state.hostile.takeProposals()) {
      const rank = TERMINAL_STEPS.indexOf(step)
      if (from !== null) ranks.set(`${device}@${from}`, Math.max(rank, ranks.get(`${device}@${from}`) ?? 0))
    }
    const { episodes, features } = state.hostile.episodes.takeChanged(now)
    gathered.features.push(features)
    for (const { device, from } of episodes) {
      const key = `${device}@${from}`
      const number = numbers.get(key) ?? gathered.seen.length
      if (!numbers.has(key)) {
        numbers.set(key, number)
        if (!attackers.has(from)) attackers.set(from, attackers.size)
        gathered.seen.push({ kind: kinds.get(key) ?? '', city, attacker: attackers.get(from) ?? 0, rulesRank: 0 })
      }
      const times = (looked.get(number) ?? 0) + 1
      looked.set(number, times)
      gathered.terminals.push(number)
      gathered.sampled.push(isSampled(times) ? 1 : 0)
    }
  }
  let minute = 0
  let position = 0
  for (const { at, device, from, sealed, said } of sayings) {
    const now = Math.floor(at / MINUTE_MS)
    if (now !== minute) {
      if (minute > 0) look(now * MINUTE_MS)
      state.advanceTo(at)
      minute = now
    }
    const colon = from.lastIndexOf(':')
    const [host, port] = [from.slice(0, colon), Number(from.slice(colon + 1))]
    if (typeof said === 'string') {
      if (!REFUSED.includes(said)) return fail(`"${String(said)}" is no reason for which a frame is not taken`)
      state.hostile.noteRefused(device, state.fleet.slotOf(device), { address: host, port, sealed }, said, at)
    } else {
      const report = { ...said, deviceTime: said.deviceTime ?? Number.NaN }
      state.take([{ position: position++, receivedAt: at, report, host, port, sealed }], at)
    }
  }
  look((minute + 1) * MINUTE_MS)
  for (const [key, number] of numbers) {
    const one = gathered.seen[number]
    if (one !== undefined) gathered.seen[number] = { ...one, rulesRank: ranks.get(key) ?? 0 }
  }
}

/** The first three looks, and whenever there were half as many again. */
function isSampled(times: number): boolean {
  for (let mark = 1; mark <= times; mark = Math.max(mark + 1, Math.floor(mark * 1.5))) if (mark === times) return true
  return false
}
