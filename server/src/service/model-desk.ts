import { access, constants, rename } from 'node:fs/promises'
import path from 'node:path'
import { StoreError, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { Models, PromoteRequest } from '../contract/index.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import { LOW_FLOW_FILES } from '../models/lowflow-shelf.ts'
import { readModelFile } from '../models/model-file.ts'
import { MODEL_FILES, type ModelUse } from '../models/theft-shelf.ts'

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
    const { shadow, former, files } = this.#pairWith(models(), sha256)
    if (folder === null || shadow === undefined)
      throw new UsageError('API_CONFLICT', 'no model runs in the shadow: there is nothing to promote')
    const file = path.join(folder, files.shadow)
    const onDisk = await readModelFile(file).catch(() => undefined)
    if (shadow.sha256 !== sha256 || onDisk?.digest !== sha256)
      throw new UsageError('API_CONFLICT', `the shadow is ${onDisk?.digest ?? shadow.sha256}, not ${sha256}`)
    await access(folder, constants.W_OK).catch((cause: unknown) => {
      throw new StoreError('API_UNAVAILABLE', `${folder} cannot be written by the service`, {}, cause)
    })
    const at = now()
    const facts = { sha256, former: former?.sha256 ?? null, user, reason }
    await recordEvents(log, [{ type: 'model_promoted', at, ...facts }])
    const { user: by, reason: detail, ...digests } = facts
    await audit.append(at, 'promote_model', { ...digests, by, detail })
    const active = path.join(folder, files.active)
    if (former?.own === true) await rename(active, path.join(folder, formerName(files.active, former.sha256)))
    await rename(file, active)
  }

  /** The shadow that is meant, the model it would take the place of, and their files: of usual use when its digest says so, else of theft. */
  #pairWith({ items, low_flow }: Models, sha256: string): ModelPairOnDisk {
    if (low_flow.shadow?.sha256 === sha256)
      return {
        shadow: low_flow.shadow,
        former: low_flow.model === null ? undefined : { sha256: low_flow.model.sha256, own: true },
        files: LOW_FLOW_FILES,
      }
    const former = items.find(({ use }) => use === 'active')
    return {
      shadow: items.find(({ use }) => use === 'shadow') ?? low_flow.shadow ?? undefined,
      former: former === undefined ? undefined : { sha256: former.sha256, own: former.source === 'folder' },
      files: MODEL_FILES,
    }
  }

  /** Puts on record which models score, when they are others than before. */
  async record({ items, low_flow }: Models): Promise<void> {
    const own = (use: string, one: Models['low_flow']['model']) =>
      one === null ? [] : [{ use, source: 'folder', sha256: one.sha256 }]
    const models = [
      ...items.map(({ use, source, sha256 }) => ({ use: use as string, source: source as string, sha256 })),
      ...own('low_flow_active', low_flow.model),
      ...own('low_flow_shadow', low_flow.shadow),
    ]
    const text = JSON.stringify(models)
    if (text === this.#recorded) return
    this.#recorded = text
    await recordEvents(this.#parts.log, [{ type: 'models_in_use', at: this.#parts.now(), models }])
  }
}

interface ModelPairOnDisk {
  readonly shadow: { readonly sha256: string } | undefined
  readonly former: { readonly sha256: string; readonly own: boolean } | undefined
  readonly files: Readonly<Record<ModelUse, string>>
}

const formerName = (active: string, sha256: string) =>
  `${active.slice(0, active.indexOf('.'))}.${sha256.slice(0, 12)}.former`
