import type { Report } from '@gastwin/twin'
import { CellLoad } from '../devices/cell-load.ts'
import { CommandLedger } from './ledger.ts'

interface OrdersBenchOptions {
  readonly json: boolean
  readonly commands?: string
  readonly cells?: string
  /** Answers a minute above which a cell holds back what can wait. */
  readonly answers?: string
}

const FIRST = 181_702_000_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const NIGHT_MS = 6 * 3_600_000
const ALL = { clock: true, close: true, parameter: true }

/**
 * An order waits for each of many meters; a night's reports of as many radio cells drain them, each cell within its budget of answers.
 * Time is the meters' own and nothing is waited for: the figures are of processor time.
 */
export async function run(options: OrdersBenchOptions): Promise<Record<string, number>> {
  const commands = Number(options.commands ?? 100_000)
  const cells = Number(options.cells ?? 100)
  const answers = Number(options.answers ?? 4)
  const ledger = new CommandLedger()
  const load = new CellLoad(answers)
  const start = 1_800_000_000_000
  const setting = { parameter: 'report_base_s', value: 3_600 } as const
  const queueing = process.cpuUsage()
  for (let i = 0; i < commands; i++) {
    const order = { kind: 'parameter', device: String(FIRST + i), cause: 'bench', setting, priority: 'low' } as const
    ledger.request({ ...order, now: start, expiresAt: start + 7 * DAY_MS })
  }
  const queued = cpuSince(queueing)

  // Every meter reports once a night at its own minute; what it was told it answers at once, which is another answer.
  const minuteOf = (device: number): number =>
    Math.floor(((device * 0.618_033_988_749_895) % 1) * (NIGHT_MS / MINUTE_MS))
  const order = Array.from({ length: commands }, (_, i) => FIRST + i).sort((a, b) => minuteOf(a) - minuteOf(b))
  const perMinute = new Map<number, number>()
  const draining = process.cpuUsage()
  let [nights, reports, longest, left, held] = [0, 0, 0, commands, 0]
  const answered = (cell: number, at: number): void => {
    load.note(cell, at)
    const key = cell * 1e7 + Math.floor((at - start) / MINUTE_MS)
    perMinute.set(key, (perMinute.get(key) ?? 0) + 1)
  }
  const firstNight: number[] = []
  for (; nights < 7 && left > 0; nights++) {
    for (const device of order) {
      const at = start + nights * DAY_MS + minuteOf(device) * MINUTE_MS
      const cell = device % cells
      const begin = performance.now()
      const { command } = ledger.nextFor(device, at, ALL, {
        holds: ({ created_at }) => {
          const waits = at - created_at < DAY_MS && load.isBusy(cell, at)
          held += waits ? 1 : 0
          return waits
        },
        consentFor: () => undefined,
        open: () => undefined,
        sessionOf: () => -1,
      })
      answered(cell, at)
      reports++
      if (command !== undefined) {
        ledger.applyReport(answerOf(device, command.id, at), at)
        answered(cell, at)
        left--
      }
      longest = Math.max(longest, performance.now() - begin)
    }
    firstNight.push(commands - left)
  }
  const cost = cpuSince(draining)
  const sweeping = process.cpuUsage()
  ledger.expire(start + nights * DAY_MS)
  const entries = ledger.list()
  const inFirst = [...perMinute].filter(([key]) => key % 1e7 < NIGHT_MS / MINUTE_MS).map(([, n]) => n)
  return {
    commands,
    cells,
    budget_answers_a_minute_of_a_cell: answers,
    confirmed: entries.filter(({ state }) => state === 'confirmed').length,
    told_twice: entries.filter(({ tries }) => tries > 1).length,
    nights,
    drained_in_first_night: firstNight[0] ?? 0,
    held_back: held,
    most_answers_a_minute_of_a_cell: Math.max(...inFirst),
    queueing_cpu_us_each: (1000 * queued) / commands,
    cpu_us_a_report: (1000 * cost) / reports,
    longest_report_ms: longest,
    expiry_sweep_cpu_ms: cpuSince(sweeping),
  }
}

const answerOf = (device: number, id: number, at: number): Report => ({
  ...{ device, kind: 'meter', trigger: 'answer', deviceTime: at, sequence: -1, readings: [], events: [] },
  status: { command: { id, accepted: true } },
})

const cpuSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
