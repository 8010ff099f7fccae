import { crashService } from './testing/crash-service.ts'

/** Kills the real service under load, 50 times unless told; what it must come to is 0 lost and 0 doubled. */
export async function run(options: {
  readonly json: boolean
  readonly kills?: string
  readonly seed?: string
}): Promise<Record<string, number | string>> {
  const begun = performance.now()
  const result = await crashService(Number(options.kills ?? 50), Number(options.seed ?? 1))
  return {
    kills: result.kills,
    kills_while_starting: result.killsAtStart,
    acknowledged: result.acknowledged,
    lost: result.lost,
    doubled: result.doubled,
    sales_error_m3: result.salesErrorM3,
    damaged_records: result.damaged,
    restart_p50_ms: result.startP50Ms,
    restart_worst_ms: result.startWorstMs,
    seconds: Math.round((performance.now() - begun) / 1000),
  }
}
