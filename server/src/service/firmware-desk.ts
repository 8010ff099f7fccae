import { UsageError } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { FirmwareList, FirmwareUpload, FirmwareView } from '../contract/index.ts'
import type { CellLoad } from '../devices/cell-load.ts'
import type { FirmwareBook } from '../devices/firmware-book.ts'
import type { FirmwareFolder } from '../devices/firmware-folder.ts'
import type { FirmwareImage } from '../devices/firmware-image.ts'
import { decodeSignedFirmware, type FirmwareRefusal, refuseImage, refuseSigned } from '../identity/firmware-package.ts'
import { blockAnswer, type StaticAnswer } from '../ingest/block-answer.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import { COAP_CODE, COAP_OPTION, type CoapMessage, readOptions } from '../protocol/index.ts'

const OCTET_STREAM = 42
const ETAG_BYTES = 8
/** Least wait, s of the device, when a cell carries enough, and how far apart devices come again. */
const BUSY_WAIT_S = 30
const BUSY_SPREAD_S = 60

/** Whom to believe about firmware. */
export interface FirmwareTrust {
  readonly authorityKey: Uint8Array
  isRevoked(serial: number): boolean
}

export interface FirmwareDeskParts {
  readonly book: FirmwareBook
  readonly folder: FirmwareFolder
  /** undefined without an authority: then no image can be checked, and none is taken. */
  readonly trust: FirmwareTrust | undefined
  readonly commandOf: (id: number) => LedgerEntry | undefined
  readonly load: CellLoad
  readonly cellOf: (device: number) => number
  readonly record: (events: readonly PlatformEvent[]) => Promise<void>
  readonly audit: (at: number, event: string, facts: AuditFacts) => Promise<unknown>
  /** Service clock, Unix ms, and how much faster than the wall it runs. */
  readonly now: () => number
  readonly speed: () => number
}

/** Takes images that are vouched for, and hands their blocks to the devices that were told to fetch them. */
export class FirmwareDesk {
  readonly #parts: FirmwareDeskParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: FirmwareDeskParts) {
    this.#parts = parts
  }

  list(): FirmwareList {
    const versions = this.#parts.book.counts()
    return {
      items: this.#parts.book.images().map((image) => this.#view(image, versions)),
      versions: versions.map((one) => ({ ...one })),
    }
  }

  /** Takes an image whose signature holds. The same image again is the same number. @throws UsageError saying why not */
  upload(request: FirmwareUpload, user: string): Promise<FirmwareView> {
    return this.#inTurn(() => this.#upload(request, user))
  }

  async #upload({ image: text, signed: signedText, reason }: FirmwareUpload, user: string): Promise<FirmwareView> {
    const { book, folder, record, audit, now } = this.#parts
    const image = new Uint8Array(Buffer.from(text, 'base64'))
    const signed = new Uint8Array(Buffer.from(signedText, 'base64'))
    const { manifest, signer } = this.#checked(image, signed)
    const { maker, model, version, security, minBatteryMv, size, digest } = manifest
    const sm3 = Buffer.from(digest).toString('hex')
    const same = book.images().find((one) => one.maker === maker && one.model === model && one.version === version)
    if (same !== undefined && same.sm3 !== sm3)
      throw new UsageError(
        'API_CONFLICT',
        `${maker} ${model} ${version} is image ${same.number} already, with other bytes: another image needs another version`,
      )
    await folder.write(sm3, image)
    if (same !== undefined) return this.#view(same, book.counts())
    const at = now()
    const taken: FirmwareImage = {
      ...{ number: book.nextNumber, maker, model, version, security, min_battery_mv: minBatteryMv, size, sm3 },
      ...{ signed: Buffer.from(signed).toString('base64'), signer: signer.subject, signer_serial: signer.serial },
      ...{ uploaded_by: user, uploaded_at: at, reason, withdrawn_at: null, withdrawn_by: null },
    }
    await audit(at, 'upload_firmware', { maker, model, version, sm3, by: user, detail: reason })
    await record([{ type: 'firmware_image', at, image: taken }])
    book.apply(taken)
    return this.#view(taken, book.counts())
  }

  /** An image is given to nobody any more. @throws UsageError API_NOT_FOUND */
  withdraw(number: number, reason: string, user: string): Promise<FirmwareView> {
    return this.#inTurn(async () => {
      const { book, record, audit, now } = this.#parts
      const known = book.image(number)
      if (known === undefined) throw new UsageError('API_NOT_FOUND', `no firmware image has the number ${number}`)
      const at = now()
      const image = known.withdrawn_at === null ? { ...known, withdrawn_at: at, withdrawn_by: user } : known
      await audit(at, 'withdraw_firmware', { number, by: user, detail: reason })
      await record([{ type: 'firmware_image', at, image }])
      book.apply(image)
      return this.#view(image, book.counts())
    })
  }

  /**
   * The image, if devices may be told to run it: its certificate is looked at again, because it may have been revoked since.
   * @throws UsageError saying why not
   */
  usable(number: number): FirmwareImage {
    const { book, folder } = this.#parts
    const image = book.image(number)
    if (image === undefined) throw new UsageError('API_NOT_FOUND', `no firmware image has the number ${number}`)
    if (image.withdrawn_at !== null)
      throw new UsageError('CMD_REFUSED', `image ${number} was withdrawn by ${image.withdrawn_by}`)
    const bytes = folder.read(image.sm3)
    if (bytes === undefined)
      throw new UsageError('CMD_REFUSED', `the bytes of image ${number} are not there: upload it again`)
    this.#checked(bytes, new Uint8Array(Buffer.from(image.signed, 'base64')))
    return image
  }

  /** Answers `GET /fw/N?d=DEVICE&c=COMMAND` (a block of the image) and `GET /fw/N/m?…` (its signed manifest). */
  readonly serve = (message: CoapMessage): StaticAnswer | undefined => {
    const found = /^fw\/(\d{1,9})(\/m)?$/.exec(message.path)
    if (found === null) return undefined
    const { book, folder, load, cellOf, now, speed } = this.#parts
    const image = book.image(Number(found[1]))
    if (image === undefined || image.withdrawn_at !== null) return { code: COAP_CODE.NOT_FOUND, answer: {} }
    const device = this.#orderedDevice(message, image.number)
    if (device === undefined) return { code: COAP_CODE.FORBIDDEN, answer: {} }
    const at = now()
    const cell = cellOf(device)
    if (load.isBusy(cell, at)) {
      const wait = (BUSY_WAIT_S + (device % BUSY_SPREAD_S)) / Math.max(1, speed())
      return { code: COAP_CODE.SERVICE_UNAVAILABLE, answer: { maxAge: Math.max(1, Math.ceil(wait)) } }
    }
    const bytes = found[2] === undefined ? folder.read(image.sm3) : new Uint8Array(Buffer.from(image.signed, 'base64'))
    if (bytes === undefined) return { code: COAP_CODE.NOT_FOUND, answer: {} }
    load.note(cell, at)
    const etag = new Uint8Array(Buffer.from(image.sm3, 'hex').subarray(0, ETAG_BYTES))
    return blockAnswer(message, { bytes, etag, contentFormat: OCTET_STREAM })
  }

  /** Nobody can make the platform send large answers without an order that is under way. */
  #orderedDevice(message: CoapMessage, image: number): number | undefined {
    const query = new Map<string, string>()
    for (const { number, value } of readOptions(message)) {
      if (number !== COAP_OPTION.URI_QUERY) continue
      const [name = '', text = ''] = Buffer.from(value).toString('latin1').split('=')
      query.set(name, text)
    }
    const command = this.#parts.commandOf(Number(query.get('c')))
    const isUnderWay = command?.state === 'sent' || command?.state === 'accepted'
    if (!isUnderWay || command.firmware?.image !== image || command.device !== query.get('d')) return undefined
    return Number(command.device)
  }

  #checked(image: Uint8Array, signed: Uint8Array) {
    const { trust } = this.#parts
    if (trust === undefined)
      throw new UsageError(
        'API_UNAVAILABLE',
        'no certificate authority is set (GASTWIN_CA_DIR): nobody can vouch for firmware',
      )
    const read = decodeSignedFirmware(signed)
    if (read === undefined) throw new UsageError('API_INPUT', 'signed is no signed manifest of an image')
    const expected = { at: Math.floor(Date.now() / 1000), isRevoked: (serial: number) => trust.isRevoked(serial) }
    const refusal = refuseSigned(read, trust.authorityKey, expected) ?? refuseImage(read.manifest, image)
    if (refusal !== undefined) throw new UsageError('CMD_REFUSED', REFUSALS[refusal])
    return { manifest: read.manifest, signer: read.certificate }
  }

  #view(
    image: FirmwareImage,
    versions: readonly { readonly version: string; readonly devices: number }[],
  ): FirmwareView {
    const { signed: _, ...shown } = image
    const devices = versions.find(({ version }) => version === image.version)?.devices ?? 0
    return { ...shown, held: this.#parts.folder.has(image.sm3), devices }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

const REFUSALS: Readonly<Record<FirmwareRefusal, string>> = {
  certificate_role: 'the certificate is not one for firmware',
  certificate_issuer: 'the certificate is of another authority',
  certificate_time: 'the certificate does not hold now',
  certificate_revoked: 'the certificate was revoked',
  certificate_signature: 'the authority did not sign the certificate',
  maker: 'the certificate vouches for the images of another maker',
  signature: 'the signature over the manifest is wrong',
  size: 'the image has another length than the manifest says',
  digest: 'the image is not the one that was signed: its SM3 differs',
}
