import type { Logger } from 'pino'
import { writeSnapshot } from '../pipeline/snapshots.ts'
import type { CityService } from './city-service.ts'

/** Writes snapshots, one at a time. */
export class SnapshotKeeper {
  readonly #directory: string
  readonly #service: CityService
  readonly #networkId: string
  readonly #logger: Logger
  #writing: Promise<void> | undefined

  constructor(directory: string, service: CityService, networkId: string, logger: Logger) {
    this.#directory = directory
    this.#service = service
    this.#networkId = networkId
    this.#logger = logger
  }

  /**
   * Never rejects: without a snapshot, a start reads more of the log.
   * @param live the service goes on while it is written
   */
  write(live: boolean): Promise<void> {
    const { city } = this.#service
    this.#writing ??= writeSnapshot(this.#directory, city, this.#networkId, this.#service.saveActs(), live)
      .then((cost) =>
        cost === undefined
          ? this.#logger.warn('all devices were forgiven a pause at once: the next snapshot takes them')
          : this.#logger.info(cost, 'a snapshot is written'),
      )
      .catch((error: unknown) => this.#logger.error({ err: error }, 'no snapshot could be written'))
      .finally(() => {
        this.#writing = undefined
      })
    return this.#writing
  }
}
