import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AuthorityFolder } from '../identity/authority-folder.ts'
import { encodeCertificate } from '../identity/certificate.ts'
import { decodeSignedFirmware, refuseImage, refuseSigned } from '../identity/firmware-package.ts'
import { ca } from './ca.ts'
import { firmware } from './firmware.ts'

let root = ''
const at = (name: string) => path.join(root, name)
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gastwin-sign-'))
  vi.stubEnv('GASTWIN_CA_PASSPHRASE', 'a passphrase for tests')
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(root, { recursive: true, force: true })
})

describe('gastwin firmware', () => {
  test('signs an image with a key that the authority certified for its maker', async () => {
    await ca.run(['init', at('ca'), '--name', 'Utility'])
    await ca.run(['issue', at('ca'), '--firmware', 'acme', '--key-file', at('acme.key')])
    const folder = new AuthorityFolder(at('ca'))
    const issued = folder.list().find(({ certificate }) => certificate.role === 'firmware')?.certificate
    if (issued === undefined) throw new Error('no firmware certificate')
    expect(issued.subject).toBe('acme')
    const image = Uint8Array.of(1, 2, 3, 4)
    writeFileSync(at('meter.img'), image)
    const certificate = Buffer.from(encodeCertificate(issued)).toString('hex')
    const claims = ['--maker', 'acme', '--model', 'nb-1', '--version', '1.2.0', '--security', '3']
    const signer = ['--key-file', at('acme.key'), '--certificate', certificate, '--out', at('meter.sig')]
    expect(await firmware.run(['sign', at('meter.img'), ...claims, ...signer])).toBe(0)
    const read = decodeSignedFirmware(readFileSync(at('meter.sig')))
    if (read === undefined) throw new Error('unreadable')
    const expected = { at: Math.floor(Date.now() / 1000), isRevoked: () => false }
    expect(refuseSigned(read, folder.certificate.publicKey, expected)).toBeUndefined()
    expect(refuseImage(read.manifest, image)).toBeUndefined()
    expect(await firmware.run(['show', at('meter.sig'), '--image', at('meter.img')])).toBe(0)
    writeFileSync(at('meter.img'), Uint8Array.of(1, 2, 3, 5))
    expect(await firmware.run(['show', at('meter.sig'), '--image', at('meter.img')])).toBe(1)
    const strange = signer.with(1, at('other.key'))
    await ca.run(['issue', at('ca'), '--firmware', 'other', '--key-file', at('other.key')])
    await expect(firmware.run(['sign', at('meter.img'), ...claims, ...strange])).rejects.toThrow(/another key/)
    await expect(firmware.run(['sign', at('meter.img'), ...signer])).rejects.toThrow(/--maker is missing/)
  })
})
