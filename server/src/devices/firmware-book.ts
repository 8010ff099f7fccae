import type { Report } from '@gastwin/twin'
import { packNumbers, unpackNumbers } from '../log/packed-numbers.ts'
import type { FirmwareImage, RunningFirmware } from './firmware-image.ts'

export interface SavedFirmware {
  readonly images: readonly FirmwareImage[]
  readonly running: readonly SavedVersion[]
}

/** Devices that run one version and ran one other before: packed rising numbers, and since when, 32-bit Unix seconds in base 64. */
interface SavedVersion {
  readonly version: string
  readonly before: string | null
  readonly devices: string
  readonly since: string
}

/** Images on record, and what each device runs, as the events and reports of the log leave it. */
export class FirmwareBook {
  readonly #images = new Map<number, FirmwareImage>()
  readonly #running = new Map<number, RunningFirmware>()
  /** One text for all devices of a version. */
  readonly #names = new Map<string, string>()

  apply(image: FirmwareImage): void {
    this.#images.set(image.number, image)
  }

  /** What a report says of the firmware of its device. @param at Unix ms */
  note({ device, status }: Report, at: number): void {
    const { firmware } = status
    if (firmware === undefined || firmware === '') return
    const known = this.#running.get(device)
    if (known?.version === firmware) return
    // Whole seconds, as a snapshot keeps them: a restart must know the same.
    const since = Math.floor(at / 1000) * 1000
    this.#running.set(device, { version: this.#name(firmware), since, before: known?.version ?? null })
  }

  image(number: number): FirmwareImage | undefined {
    return this.#images.get(number)
  }

  /** Newest first. */
  images(): FirmwareImage[] {
    return [...this.#images.values()].reverse()
  }

  /** The number of the next image. */
  get nextNumber(): number {
    return Math.max(0, ...this.#images.keys()) + 1
  }

  running(device: number): RunningFirmware | undefined {
    return this.#running.get(device)
  }

  /** How many devices run each version, most first. */
  counts(): readonly { readonly version: string; readonly devices: number }[] {
    const counts = new Map<string, number>()
    for (const { version } of this.#running.values()) counts.set(version, (counts.get(version) ?? 0) + 1)
    return [...counts].map(([version, devices]) => ({ version, devices })).sort((a, b) => b.devices - a.devices)
  }

  save(): SavedFirmware {
    const groups = new Map<string, number[]>()
    for (const [device, { version, before }] of this.#running) {
      const key = JSON.stringify([version, before])
      const devices = groups.get(key)
      if (devices === undefined) groups.set(key, [device])
      else devices.push(device)
    }
    const running = [...groups].map(([key, numbers]): SavedVersion => {
      const [version, before] = JSON.parse(key) as [string, string | null]
      const devices = Float64Array.from(numbers).sort()
      const since = Uint32Array.from(devices, (device) => (this.#running.get(device)?.since ?? 0) / 1000)
      return { version, before, devices: packNumbers(devices), since: Buffer.from(since.buffer).toString('base64') }
    })
    return { images: [...this.#images.values()], running }
  }

  load({ images, running }: SavedFirmware): void {
    for (const image of images) this.apply(image)
    for (const { version: name, before: former, devices, since } of running ?? []) {
      const bytes = Buffer.from(since, 'base64')
      const [version, before] = [this.#name(name), former === null ? null : this.#name(former)]
      unpackNumbers(devices).forEach((device, i) => {
        this.#running.set(device, { version, since: bytes.readUInt32LE(4 * i) * 1000, before })
      })
    }
  }

  #name(version: string): string {
    const known = this.#names.get(version)
    if (known !== undefined) return known
    this.#names.set(version, version)
    return version
  }
}
