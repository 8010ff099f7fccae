import { readFileSync } from 'node:fs'
import { type ClockPlan, UsageError, WALL_CLOCK } from '@gastwin/twin'
import { SETTINGS, type Setting } from './config.table.ts'

/** The service's settings, validated; meanings, units and defaults are in config.table.ts. */
export interface Config {
  readonly dataDir: string
  readonly network: string
  readonly coapHost: string
  readonly coapPort: number
  readonly dtlsPort: number | null
  readonly dtlsKeys: string | null
  readonly dtlsAssociations: number
  readonly httpHost: string
  readonly httpPort: number
  readonly clickhouseUrl: string | null
  readonly clickhouseUser: string
  readonly clickhousePassword: string
  readonly clickhouseDatabase: string
  readonly clickhouseCluster: string | null
  readonly masterKey: string | null
  readonly masterKeyFile: string | null
  readonly masterKeyCommand: readonly string[] | null
  readonly kmsCommand: readonly string[] | null
  readonly meterAuthority: string | null
  readonly authorityDir: string | null
  readonly platformKeyFile: string | null
  readonly statusProfile: 'standard' | 'cj188h' | 'cat1' | 'unknown'
  readonly profilesDir: string | null
  readonly modelsDir: string | null
  readonly pointsSettleS: number
  readonly alarmNotices: string | null
  readonly clock: ClockPlan
  readonly demoScenario: string | null
  readonly demoTruth: string | null
  readonly demoPassword: string | null
  readonly safetyMode: 'automatic' | 'approval' | 'dry_run'
  readonly gapTargetRate: number
  readonly gapToleranceRate: number
  readonly tariff: string | null
  readonly meterPrices: string | null
  readonly gapAssumptions: string | null
  readonly snapshotMinutes: number
  readonly logSegmentMb: number
  readonly backlogLimit: number
  readonly cellAnswersPerMinute: number
  readonly cellReportsPerMinute: number
  readonly campaignSecondPerson: number
  readonly ownConsentOnly: boolean
  readonly consentCommand: readonly string[] | null
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/**
 * Settings from, in rising order of weight: defaults, the file named by GASTWIN_CONFIG, the environment, `overrides`
 * (command-line options).
 * @throws UsageError CFG_INVALID with one line per mistake: which setting, where it was set, what was expected
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  overrides: Readonly<Record<string, unknown>> = {},
): Config {
  const faults: string[] = []
  const file = environment['GASTWIN_CONFIG']
  const fromFile = file === undefined ? {} : readFile(file, faults)
  const known = new Map<string, Setting>(SETTINGS.map((s) => [s.key, s]))
  for (const key of Object.keys(fromFile)) {
    if (!known.has(key)) faults.push(`${file}: "${key}" is not a setting${nearest(key)}`)
  }
  const values: Record<string, unknown> = {}
  for (const setting of known.values()) {
    const [raw, where] = source(setting, environment, fromFile, overrides, file)
    const value = convert(setting, raw)
    const fault =
      value === undefined
        ? `a value of type ${setting.type}`
        : raw === setting.fallback
          ? undefined
          : setting.fault?.(value)
    if (fault !== undefined) faults.push(`${where}: ${setting.key} is ${JSON.stringify(raw)}, expected ${fault}`)
    values[setting.key] = value
  }
  if (values['network'] === null) faults.push('network is missing: set GASTWIN_NETWORK to a gastwin-network/1 document')
  if (values['dtlsPort'] !== null && values['dtlsKeys'] === null)
    faults.push('dtlsKeys is missing: with dtlsPort set, GASTWIN_DTLS_KEYS names the file of the keys (docs/DTLS.md)')
  const clock = values['clock'] ?? WALL_CLOCK
  if (!isClockPlan(clock)) faults.push('clock: expected {"segments":[{"wall","event","speed" > 0}, …]}')
  if (faults.length > 0) throw new UsageError('CFG_INVALID', faults.join('\n'), { faults: faults.length })
  return { ...values, clock } as unknown as Config
}

function readFile(path: string, faults: string[]): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
    faults.push(`${path}: expected a JSON object`)
  } catch (error) {
    faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {}
}

function source(
  setting: Setting,
  environment: Readonly<Record<string, string | undefined>>,
  fromFile: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>>,
  file: string | undefined,
): [raw: unknown, where: string] {
  if (overrides[setting.key] !== undefined) return [overrides[setting.key], 'command line']
  const fromEnvironment = environment[setting.env]
  if (fromEnvironment !== undefined && fromEnvironment !== '') return [fromEnvironment, setting.env]
  if (fromFile[setting.key] !== undefined) return [fromFile[setting.key], file ?? 'configuration file']
  return [setting.fallback, 'default']
}

function convert(setting: Setting, raw: unknown): unknown {
  if (raw === null) return null
  switch (setting.type) {
    case 'string':
      return typeof raw === 'string' ? raw : undefined
    case 'boolean':
      return raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : undefined
    case 'json':
      try {
        return typeof raw === 'string' ? JSON.parse(raw) : raw
      } catch {
        return undefined
      }
    default: {
      const number =
        typeof raw === 'number' ? raw : typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : Number.NaN
      return Number.isFinite(number) && (setting.type === 'number' || Number.isInteger(number)) ? number : undefined
    }
  }
}

function isClockPlan(value: unknown): value is ClockPlan {
  const segments = (value as ClockPlan | null)?.segments
  return (
    Array.isArray(segments) &&
    segments.length > 0 &&
    segments.every((s) => Number.isFinite(s?.wall) && Number.isFinite(s?.event) && s?.speed > 0)
  )
}

function nearest(key: string): string {
  const close = SETTINGS.find((s) => s.key.toLowerCase().startsWith(key.toLowerCase().slice(0, 4)))
  return close === undefined ? '' : ` (did you mean ${close.key}?)`
}
