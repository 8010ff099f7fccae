import { GAP_TARIFF, METER_PRICES } from '@gastwin/analytics'
import type { Config } from '../config/config.ts'
import { readGapAssumptions } from '../config/gap-assumptions-file.ts'
import { identifyNetworkFile } from '../config/network-file.ts'
import { readMeterPrices, readTariff } from '../config/tariff-file.ts'
import { readNoticeRules } from '../notices/notice-rule.ts'

/**
 * Reads what the operator says in files: the network, prices, what is known of the place, and whom notices go to.
 * @throws UsageError NET_DOCUMENT, CFG_INVALID
 */
export async function openFiles(config: Config) {
  const { network, id: networkId } = await identifyNetworkFile(config.network)
  return {
    ...{ network, networkId },
    tariff: config.tariff === null ? GAP_TARIFF : await readTariff(config.tariff),
    meterPrices: config.meterPrices === null ? METER_PRICES : await readMeterPrices(config.meterPrices),
    assumptions: config.gapAssumptions === null ? {} : await readGapAssumptions(config.gapAssumptions, network),
    noticeRules: config.alarmNotices === null ? [] : await readNoticeRules(config.alarmNotices),
  }
}
