import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import path from 'node:path'
import { sm3 } from '../identity/sm3.ts'

/** Images that are kept in memory: a campaign has one, a roll back beside it a second. */
const KEPT = 4

/** Firmware images as files named by their digest. A file that is not what its name says is not there. */
export class FirmwareFolder {
  readonly #folder: string
  /** Read last stands last. */
  readonly #read = new Map<string, Uint8Array>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Writes an image; it is on the disk when this returns. @param digest SM3 in hexadecimal */
  async write(digest: string, image: Uint8Array): Promise<void> {
    if (this.read(digest) !== undefined) return
    mkdirSync(this.#folder, { recursive: true })
    const made = `${this.#file(digest)}.making`
    const file = await open(made, 'w')
    try {
      await file.writeFile(image)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(made, this.#file(digest))
    const folder = await open(this.#folder, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  /** The image; undefined when it is not there or was damaged. */
  read(digest: string): Uint8Array | undefined {
    const known = this.#read.get(digest)
    if (known !== undefined) return known
    if (!existsSync(this.#file(digest))) return undefined
    const image = new Uint8Array(readFileSync(this.#file(digest)))
    if (Buffer.from(sm3(image)).toString('hex') !== digest) return undefined
    this.#read.set(digest, image)
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= KEPT) break
      this.#read.delete(oldest)
    }
    return image
  }

  /** Whether a file of the name is there; what is in it is looked at when it is read. */
  has(digest: string): boolean {
    return existsSync(this.#file(digest))
  }

  #file = (digest: string): string => path.join(this.#folder, `${digest}.img`)
}
