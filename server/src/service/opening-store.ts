import type { Network } from '@gastwin/twin'
import type { Config } from '../config/config.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { deviceColumns } from '../store/writer/device-directory.ts'
import type { openKept } from './opening-kept.ts'

export interface HistoryParts {
  readonly config: Config
  readonly network: Network
  readonly kept: Pick<Awaited<ReturnType<typeof openKept>>, 'threadSources'>
  /** A path in the data directory. */
  readonly at: (...names: string[]) => string
}

/** Opens the history of the city: the embedded engine, or the server that the settings name. */
export function openHistory({ config, network, kept, at }: HistoryParts): Store {
  const { clickhouseUrl: url, clickhouseUser: username, clickhousePassword: password } = config
  return openStore({
    ...kept.threadSources,
    server: url === null ? null : { url, username, password },
    directory: at('engine'),
    database: config.clickhouseDatabase,
    cluster: config.clickhouseCluster,
    devices: deviceColumns(network),
    timeZone: network.timeZone,
  })
}
