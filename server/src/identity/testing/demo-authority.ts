import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { AuthorityFolder } from '../authority-folder.ts'
import type { Certificate } from '../certificate.ts'
import { newKeyPair, type Sm2KeyPair } from '../sm2.ts'
import type { DeviceMaking } from './contacting-device.ts'

const PASSPHRASE = 'an authority for tests'
const now = () => Math.floor(Date.now() / 1000)

/** An authority in a folder, with a platform, as `gastwin ca` makes them. */
export class TestAuthority {
  readonly folder: AuthorityFolder
  readonly environment: Readonly<Record<string, string>>
  readonly #rootKey: Uint8Array

  constructor(dir: string, rootKey: Uint8Array) {
    this.#rootKey = rootKey
    this.folder = new AuthorityFolder(path.join(dir, 'ca'))
    this.folder.create('Test', PASSPHRASE, now() - 60, 2)
    const keys = newKeyPair()
    const keyFile = path.join(dir, 'platform.key')
    writeFileSync(keyFile, Buffer.from(keys.privateKey).toString('hex'), { mode: 0o600 })
    this.#issue('platform', 'north', keys.publicKey)
    this.environment = { GASTWIN_CA_DIR: path.join(dir, 'ca'), GASTWIN_PLATFORM_KEY_FILE: keyFile }
  }

  /** A device as its maker hands it over. */
  make(device: number): DeviceMaking {
    const keys = newKeyPair()
    const certificate = this.#issue('device', String(device), keys.publicKey)
    return { certificate, keys, authorityKey: this.folder.certificate.publicKey, rootKey: this.#rootKey }
  }

  /** Many at once. */
  makeAll(devices: readonly number[]): readonly DeviceMaking[] {
    const keys = devices.map(() => newKeyPair())
    const claims = devices.map((device, i) => ({
      ...({ role: 'device', subject: String(device) } as const),
      publicKey: keys[i]?.publicKey ?? new Uint8Array(0),
    }))
    const authorityKey = this.folder.certificate.publicKey
    return this.folder.issueAll(claims, PASSPHRASE, now() - 60, 1).flatMap((certificate, i) => {
      const own = keys[i]
      return own === undefined ? [] : [{ certificate, keys: own, authorityKey, rootKey: this.#rootKey }]
    })
  }

  /** A key that signs the images of a maker, or of every maker. */
  firmwareSigner(maker: string): { readonly certificate: Certificate; readonly keys: Sm2KeyPair } {
    const keys = newKeyPair()
    return { certificate: this.#issue('firmware', maker, keys.publicKey), keys }
  }

  revoke(serial: number): void {
    this.folder.revoke(serial, 'test', now())
  }

  #issue(role: 'device' | 'platform' | 'firmware', subject: string, publicKey: Uint8Array) {
    return this.folder.issue({ role, subject, publicKey }, PASSPHRASE, now() - 60, 1)
  }
}
