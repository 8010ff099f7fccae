import { access, constants, rename } from 'node:fs/promises'
import path from 'node:path'
import { StoreError, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { ModelInUse, Models, PromoteRequest } from '../contract/index.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import { readModelFile } from '../models/model-file.ts'
import { MODEL_FILES } from '../models/theft-shelf.ts'

export interface ModelDeskParts {
  /** The operator's folder; null for none. */
  readonly folder: string | null
  /** What the scoring thread told last. */
  readonly models: () => Models
  readonly log: EventLog
  readonly audit: AuditLog
  /** Service clock, Unix ms. */
  readonly now: () => number
}

/** What people do about learned models, and the record of which were in use since when. */
export class ModelDesk {
  readonly #parts: ModelDeskParts
  #recorded = ''

  constructor(parts: ModelDeskParts) {
    this.#parts = parts
  }

  /**
   * The shadow takes the place of the active model: its file is renamed, the former one is kept beside it under its digest. The scoring
   * thread reads the folder a moment later.
   * @throws UsageError API_CONFLICT when no shadow with this digest is in use, StoreError API_UNAVAILABLE when the folder cannot be written
   */
  async promote({ sha256, reason }: PromoteRequest, user: string): Promise<void> {
    const { folder, models, log, audit, now } = this.#parts
    const { items } = models()
    const shadow = items.find(({ use }) => use === 'shadow')
    if (folder === null || shadow === undefined)
      throw new UsageError('API_CONFLICT', 'no model runs in the shadow: there is nothing to promote')
    const file = path.join(folder, MODEL_FILES.shadow)
    const onDisk = await readModelFile(file).catch(() => undefined)
    if (shadow.sha256 !== sha256 || onDisk?.digest !== sha256)
      throw new UsageError('API_CONFLICT', `the shadow is ${onDisk?.digest ?? shadow.sha256}, not ${sha256}`)
    await access(folder, constants.W_OK).catch((cause: unknown) => {
      throw new StoreError('API_UNAVAILABLE', `${folder} cannot be written by the service`, {}, cause)
    })
    const former = items.find(({ use }) => use === 'active')
    const at = now()
    const facts = { sha256, former: former?.sha256 ?? null, user, reason }
    await recordEvents(log, [{ type: 'model_promoted', at, ...facts }])
    const { user: by, reason: detail, ...digests } = facts
    await audit.append(at, 'promote_model', { ...digests, by, detail })
    const active = path.join(folder, MODEL_FILES.active)
    if (former?.source === 'folder') await rename(active, path.join(folder, formerName(former)))
    await rename(file, active)
  }

  /** Puts on record which models score, when they are others than before. */
  async record({ items }: Models): Promise<void> {
    const models = items.map(({ use, source, sha256 }) => ({ use, source, sha256 }))
    const text = JSON.stringify(models)
    if (text === this.#recorded) return
    this.#recorded = text
    await recordEvents(this.#parts.log, [{ type: 'models_in_use', at: this.#parts.now(), models }])
  }
}

const formerName = ({ sha256 }: ModelInUse) => `theft.${sha256.slice(0, 12)}.former`
