import { StoreError } from '@gastwin/twin'
import type { GapLedger, HostileTerminal, Session, TruthFinding } from '../contract/index.ts'

/** What a demo can say of itself: truth against finding, and how far the ledger is. */
export interface DemoReport {
  readonly findings: readonly TruthFinding[]
  readonly ledger: Pick<GapLedger, 'state' | 'why' | 'data_from' | 'data_to'>
  readonly terminals: readonly Pick<HostileTerminal, 'device' | 'step' | 'by'>[]
}

const ANSWER_WITHIN_MS = 5_000

/**
 * Asks a running demo.
 * @param url of the service, without a slash at its end
 * @throws StoreError API_UNAVAILABLE when nobody answers there or the password is another demo's
 */
export async function askForReport(url: string, password: string): Promise<DemoReport> {
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      ...init,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((cause: unknown) => {
      throw new StoreError('API_UNAVAILABLE', `no demo answers at ${url}`, {}, cause)
    })
    if (!answer.ok) throw new StoreError('API_UNAVAILABLE', `the service at ${url} answers ${answer.status} to ${path}`)
    return answer.json()
  }
  const session = (await ask('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'dispatcher', password }),
  })) as Session
  const headers = { authorization: `Bearer ${session.token}` }
  try {
    const { items } = (await ask('/truth/findings', { headers })) as { readonly items: readonly TruthFinding[] }
    const ledger = (await ask('/gap?every=month', { headers })) as GapLedger
    const hostile = (await ask('/devices/hostile', { headers })) as { readonly items: readonly HostileTerminal[] }
    return { findings: items, ledger, terminals: hostile.items.filter(({ step }) => step !== 'none') }
  } finally {
    await fetch(`${url}/api/v1/session`, { method: 'DELETE', headers }).catch(() => undefined)
  }
}

const time = (at: number | null) => (at === null ? '–' : new Date(at).toISOString().slice(0, 16).replace('T', ' '))

/**
 * Truth against finding as a table, with a sum per kind, and the terminals that are warned of or kept away.
 * @param attacked numbers of the devices in whose name somebody else speaks
 */
export function reportInWords({ findings, ledger, terminals }: DemoReport, attacked: ReadonlySet<string>): string {
  const widths = [24, 18, 18, 22, 18, 13] as const
  const row = (...cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('')
      .trimEnd()
  const lines = [
    'truth against finding (UTC)',
    row('what happens', 'asset', 'since', 'found as', 'found at', 'probability', 'right'),
    ...findings.map(({ kind, asset, begun_at, found_as, found_at, probability, right }) =>
      row(
        ...[kind, asset, time(begun_at), found_as ?? '–', time(found_at)],
        probability === null ? '' : probability.toFixed(2),
        right ? 'yes' : '',
      ),
    ),
    '',
  ]
  const kinds = [...new Set(findings.map(({ kind }) => kind.split('/')[0] ?? kind))]
  for (const kind of kinds) {
    const own = findings.filter((one) => (one.kind.split('/')[0] ?? one.kind) === kind)
    const right = own.filter((one) => one.right).length
    const faint = own.filter((one) => !one.right && one.found_as !== null).length
    const rest = faint === 0 ? '' : `, ${faint} suspected of something else, too early or too faintly to be visited`
    lines.push(`${kind}: ${right} of ${own.length} found${rest}`)
  }
  const days = ((ledger.data_to ?? 0) - (ledger.data_from ?? 0)) / 86_400_000
  lines.push(`gap ledger: ${ledger.state}${ledger.state === 'stated' ? ` from ${Math.round(days)} days` : ''}`)
  if (ledger.why !== null) lines.push(`  ${ledger.why}`)
  const steps = [...new Set(terminals.map(({ step, by }) => `${step} by ${by}`))].sort()
  const of = (wanted: boolean, step: string): number =>
    terminals.filter((one) => `${one.step} by ${one.by}` === step && attacked.has(one.device) === wanted).length
  lines.push(`terminals of attacked devices: ${steps.map((step) => `${of(true, step)} ${step}`).join(', ') || 'none'}`)
  lines.push(`terminals of sound devices: ${steps.map((step) => `${of(false, step)} ${step}`).join(', ') || 'none'}`)
  return lines.join('\n')
}
