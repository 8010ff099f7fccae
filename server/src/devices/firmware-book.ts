import type { Report } from '@gastwin/twin'
import type { FirmwareImage, RunningFirmware } from './firmware-image.ts'

export interface SavedFirmware {
  readonly images: readonly FirmwareImage[]
  /** Version names, and of each device: number, places of what runs and of what ran before (−1 none), since when. */
  readonly versions: readonly string[]
  readonly devices: readonly (readonly [device: number, now: number, before: number, since: number])[]
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
    this.#running.set(device, { version: this.#name(firmware), since: at, before: known?.version ?? null })
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
    const versions = [...this.#names.keys()]
    const place = new Map(versions.map((version, i) => [version, i]))
    const devices = [...this.#running].map(
      ([device, { version, before, since }]) =>
        [device, place.get(version) ?? -1, before === null ? -1 : (place.get(before) ?? -1), since] as const,
    )
    return { images: [...this.#images.values()], versions, devices }
  }

  load({ images, versions, devices }: SavedFirmware): void {
    for (const image of images) this.apply(image)
    for (const [device, now, before, since] of devices) {
      const [version, former] = [versions[now], versions[before]]
      if (version === undefined) continue
      this.#running.set(device, {
        version: this.#name(version),
        since,
        before: former === undefined ? null : this.#name(former),
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
