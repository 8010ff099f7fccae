import {
  COAP_CODE,
  decodeSignedFirmware,
  type FirmwareManifest,
  readBlock,
  refuseImage,
  refuseSigned,
} from '@gastwin/server/protocol'
import type { DeviceStatus, UpdateOutcome } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import type { CoapClientPool, Outcome } from '../radio/coap-client-pool.ts'
import type { FieldWork, FirmwareCrew, Task, UpdatedDevice } from './field-work.ts'
import { RETRY_RULE } from './retry-rule.ts'

/** One of the two places for an image that a device has. */
interface Slot {
  readonly version: string
  readonly security: number
  /** SM3 in hexadecimal; '' for what the factory put there. */
  readonly digest: string
}

interface Download {
  readonly id: number
  readonly image: number
  readonly manifest: FirmwareManifest
  readonly bytes: Uint8Array
  /** Bytes that are there, from the first on, and the tag of the body they are of. */
  have: number
  etag: string
  /** Exponent of the block size that the service agreed to. */
  szx: number
  /** Failures one after the other. */
  failures: number
}

interface Unit {
  readonly device: UpdatedDevice
  running: Slot
  /** What ran before: where it returns to, and where a roll back needs no download. */
  spare: Slot | undefined
  /** The order under way, before its manifest is there. */
  order: { readonly id: number; readonly image: number; failures: number } | undefined
  download: Download | undefined
  /** The last order that ended: it is not begun again. */
  ended: number
  news: DeviceStatus['update']
  /** Whether the platform has heard what runs. */
  isTold: boolean
}

const FACTORY: Slot = { version: '1.0.0', security: 1, digest: '' }
/** 1024 bytes; a service that wants less says so in its first answer. */
const FIRST_SZX = 6
const MOST_FAILURES = 12
/** Waits of the wall for a block, ms. */
const WAITS: readonly number[] = [2_000, 4_000]
const BOOT_MS = 60_000

/** A kind of device that takes firmware, and how it stands in the world. */
export interface UpdateGround {
  readonly work: Pick<FieldWork, 'now' | 'after' | 'plan'>
  readonly pool: CoapClientPool
  /** That every device holds from its making. */
  readonly authorityKey: Uint8Array
  readonly seed: number
  /** As manifests name it. */
  readonly model: string
  /** Share of devices with which an image that is not the factory's does not come up, 0…1. */
  readonly bootFailures: number
  /** In the calendar: to go on with a download, and to start what was loaded. */
  readonly tasks: { readonly resume: Task; readonly boot: Task }
  readonly socketOf: (device: UpdatedDevice) => number
  /** Whether nothing of it reaches anybody now. */
  readonly isCutOff: (device: UpdatedDevice) => boolean
  /** Lets a device report at once. */
  readonly speak: (row: number) => void
}

/**
 * How devices of a fleet change their firmware: fetch the signed manifest, check it, fetch the image block by block from wherever
 * they stand, check it, start it, and go back to the old one when it does not come up.
 */
export class FirmwareUpdates implements FirmwareCrew {
  readonly counts = { ordered: 0, blocks: 0, resumed: 0, running: 0, returned: 0, refused: 0 }
  readonly #ground: UpdateGround
  readonly #units = new Map<number, Unit>()
  /** Manifests whose signature was checked: what one device found holds for all that hold the same key. */
  readonly #checked = new Map<string, UpdateOutcome | undefined>()

  constructor(ground: UpdateGround) {
    this.#ground = ground
  }

  /** What a device says of its firmware in its next report: with the first one, and when something has come of an order. */
  wordOf(device: UpdatedDevice): Pick<DeviceStatus, 'firmware' | 'update'> {
    const unit = this.#unitOf(device)
    if (unit.isTold && unit.news === undefined) return {}
    return { firmware: unit.running.version, ...(unit.news && { update: unit.news }) }
  }

  /** The platform has acknowledged a report that said so. */
  heard(row: number, word: Pick<DeviceStatus, 'firmware' | 'update'>): void {
    const unit = this.#units.get(row)
    if (unit === undefined || word.firmware !== unit.running.version) return
    unit.isTold = true
    if (unit.news?.id === word.update?.id) unit.news = undefined
  }

  /** Devices that have a part of an image, and not half of it. */
  get fetching(): number {
    let count = 0
    for (const { download } of this.#units.values())
      if (download !== undefined && download.have > 0 && 2 * download.have < download.bytes.length) count += 1
    return count
  }

  versionOf(row: number): string {
    return (this.#units.get(row)?.running ?? FACTORY).version
  }

  /** An order came with an answer; one that is under way or was ended is not begun again. */
  order(device: UpdatedDevice, id: number, image: number): void {
    const unit = this.#unitOf(device)
    if (unit.order?.id === id || unit.download?.id === id || unit.ended === id) return
    unit.download = undefined
    unit.order = { id, image, failures: 0 }
    this.counts.ordered += 1
    this.#manifest(unit)
  }

  /** Goes on where it stands: the calendar says that it is time to try again. */
  resume(row: number): void {
    const unit = this.#units.get(row)
    if (unit?.download !== undefined) {
      this.counts.resumed += 1
      this.#block(unit, unit.download)
    } else if (unit?.order !== undefined) this.#manifest(unit)
  }

  /** The new image has had its time to come up. */
  boot(row: number): void {
    const unit = this.#units.get(row)
    if (unit?.download === undefined) return
    const { id, manifest } = unit.download
    const { version, security, digest } = manifest
    const slot: Slot = { version, security, digest: hexOf(digest) }
    if (unitHash(this.#ground.seed, 141, unit.device.device) < this.#ground.bootFailures) {
      this.counts.returned += 1
      this.#end(unit, id, 'returned')
      return
    }
    unit.spare = unit.running
    unit.running = slot
    this.counts.running += 1
    this.#end(unit, id, 'running')
  }

  #unitOf(device: UpdatedDevice): Unit {
    const known = this.#units.get(device.row)
    if (known !== undefined) return known
    const unit: Unit = {
      ...{ device, running: FACTORY, spare: undefined, order: undefined, download: undefined },
      ...{ ended: -1, news: undefined, isTold: false },
    }
    this.#units.set(device.row, unit)
    return unit
  }

  #manifest(unit: Unit): void {
    const { order } = unit
    if (order === undefined) return
    this.#fetch(unit, `fw/${order.image}/m`, order.id, FIRST_SZX, (outcome) => {
      if (unit.order !== order) return
      if (outcome.kind === 'answered' && outcome.code === COAP_CODE.CONTENT) this.#begin(unit, order, outcome.payload)
      else {
        order.failures += 1
        this.#later(unit, order.id, outcome, order.failures)
      }
    })
  }

  #begin(unit: Unit, { id, image }: { readonly id: number; readonly image: number }, signed: Uint8Array): void {
    const read = decodeSignedFirmware(signed)
    const refusal = read === undefined ? 'bad_signature' : this.#refusal(unit, read, signed)
    if (read === undefined || refusal !== undefined) {
      this.counts.refused += 1
      this.#end(unit, id, refusal ?? 'bad_signature')
      return
    }
    const { manifest } = read
    const bytes = new Uint8Array(manifest.size)
    unit.order = undefined
    unit.download = { id, image, manifest, bytes, have: 0, etag: '', szx: FIRST_SZX, failures: 0 }
    const { spare } = unit
    // What lies in the other place already is only started.
    if (spare !== undefined && spare.digest === hexOf(manifest.digest))
      this.#plan('boot', unit, this.#ground.work.now + BOOT_MS)
    else this.#block(unit, unit.download)
  }

  #refusal(
    unit: Unit,
    read: NonNullable<ReturnType<typeof decodeSignedFirmware>>,
    signed: Uint8Array,
  ): UpdateOutcome | undefined {
    const { maker, model, security, minBatteryMv } = read.manifest
    const key = hexOf(signed)
    if (!this.#checked.has(key)) {
      const expected = { at: Math.floor(Date.now() / 1000), isRevoked: () => false }
      const refused = refuseSigned(read, this.#ground.authorityKey, expected) !== undefined
      this.#checked.set(key, refused ? 'bad_signature' : undefined)
    }
    const signature = this.#checked.get(key)
    if (signature !== undefined) return signature
    if (maker !== unit.device.maker || model !== this.#ground.model) return 'wrong_model'
    if (security < unit.running.security) return 'below_floor'
    return unit.device.batteryVolt * 1000 < minBatteryMv ? 'low_battery' : undefined
  }

  #block(unit: Unit, download: Download): void {
    const { id, image, have, szx } = download
    const number = have / (16 << szx)
    this.#fetch(unit, `fw/${image}`, id, (number << 4) | szx, (outcome) => {
      if (unit.download !== download) return
      const block =
        outcome.kind === 'answered' && outcome.code === COAP_CODE.CONTENT ? readBlock(outcome.block2) : undefined
      if (outcome.kind !== 'answered' || block?.size === undefined) {
        download.failures += 1
        this.#later(unit, id, outcome, download.failures)
        return
      }
      // Blocks of another body are not put behind those of this one: it begins again.
      if (download.etag !== '' && outcome.etag !== download.etag) {
        download.have = 0
        download.etag = ''
        this.#block(unit, download)
        return
      }
      this.counts.blocks += 1
      download.failures = 0
      download.etag = outcome.etag
      download.szx = Math.log2(block.size) - 4
      download.bytes.set(outcome.payload.subarray(0, download.bytes.length - have), have)
      download.have = Math.min(download.bytes.length, have + outcome.payload.length)
      if (block.more && download.have < download.bytes.length) this.#block(unit, download)
      else this.#arrived(unit, download)
    })
  }

  #arrived(unit: Unit, { id, manifest, bytes }: Download): void {
    if (refuseImage(manifest, bytes) === undefined) this.#plan('boot', unit, this.#ground.work.now + BOOT_MS)
    else {
      this.counts.refused += 1
      this.#end(unit, id, 'bad_digest')
    }
  }

  /** A quiet or busy service is asked again later; one that says no, or was asked too often, is not. */
  #later(unit: Unit, id: number, outcome: Outcome, failures: number): void {
    const isBusy = outcome.kind === 'answered' && outcome.code === COAP_CODE.SERVICE_UNAVAILABLE
    const isOver = outcome.kind === 'answered' && !isBusy
    if (isOver || failures > MOST_FAILURES) {
      this.counts.refused += 1
      this.#end(unit, id, 'not_loaded')
      return
    }
    const { work } = this.#ground
    this.#plan('resume', unit, isBusy ? work.after(outcome.maxAgeS * 1000) : work.now + RETRY_RULE.pauseMs)
  }

  #end(unit: Unit, id: number, outcome: UpdateOutcome): void {
    unit.order = undefined
    unit.download = undefined
    unit.ended = id
    unit.news = { id, outcome }
    unit.isTold = false
    this.#ground.speak(unit.device.row)
  }

  #plan(task: keyof UpdateGround['tasks'], { device }: Unit, at: number): void {
    const { work, tasks } = this.#ground
    work.plan(tasks[task], device.row, at)
  }

  #fetch({ device }: Unit, path: string, id: number, block2: number, done: (outcome: Outcome) => void): void {
    const { pool, socketOf, isCutOff } = this.#ground
    pool.send({
      ...{ socket: socketOf(device), path, block2, done, waits: WAITS },
      query: [`d=${device.device}`, `c=${id}`],
      unheard: isCutOff(device),
    })
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
