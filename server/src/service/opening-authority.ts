import { UsageError } from '@gastwin/twin'
import type { Config } from '../config/config.ts'
import { AuthorityWatch } from '../identity/authority-watch.ts'

/** The authority whose devices are believed; undefined where none is set. @throws UsageError CFG_INVALID when only a part of what first contacts need is set */
export function authorityOf(
  config: Pick<Config, 'authorityDir' | 'platformKeyFile'>,
  rootKey: Uint8Array,
): AuthorityWatch | undefined {
  const { authorityDir, platformKeyFile } = config
  if (authorityDir === null && platformKeyFile === null) return undefined
  if (authorityDir === null || platformKeyFile === null || rootKey.length === 0)
    throw new UsageError('CFG_INVALID', 'first contacts need authorityDir, platformKeyFile and a master key')
  return new AuthorityWatch(authorityDir, platformKeyFile, Math.floor(Date.now() / 1000))
}
