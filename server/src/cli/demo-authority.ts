import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { NetworkDocument } from '@gastwin/twin'
import { AuthorityFolder } from '../identity/authority-folder.ts'
import { encodeCertificate } from '../identity/certificate.ts'
import { signFirmware } from '../identity/firmware-package.ts'
import { newKeyPair, type Sm2KeyPair } from '../identity/sm2.ts'
import { sm3 } from '../identity/sm3.ts'

/** One home in so many has a certificate: each costs both sides milliseconds of signatures, and a demo shares two cores. */
const HOMES_A_CERTIFICATE = 100
const MOST = 400
const YEARS = 2
/** Of an example image: a minute of an emulated meter's radio. */
const EXAMPLE_BYTES = 24_000

/** What a demo's service and fleet are told. */
export interface DemoAuthority {
  readonly environment: Readonly<Record<string, string>>
  /** File of the meters' certificates and keys, for the fleet. */
  readonly identities: string
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/**
 * A certificate authority for a demo: made anew with each passphrase, it certifies the platform, RTUs, actuators, concentrators, and some homes that
 * speak CJ/T 188.
 * @param dataDir of the demo
 */
export async function demoAuthority(dataDir: string, passphrase: string, network: string): Promise<DemoAuthority> {
  const folder = path.resolve(dataDir, 'trust')
  const identities = path.join(folder, 'meters.ndjson')
  const platformKey = path.join(folder, 'platform.key')
  const told = {
    environment: { GASTWIN_CA_DIR: path.join(folder, 'ca'), GASTWIN_PLATFORM_KEY_FILE: platformKey },
    identities,
  }
  const madeWith = path.join(folder, 'made-with')
  const mark = hex(sm3(Buffer.from(passphrase)))
  if (existsSync(identities) && (await readFile(madeWith, 'utf8').catch(() => '')) === mark) return told
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const authority = new AuthorityFolder(path.join(folder, 'ca'))
  const at = Math.floor(Date.now() / 1000) - 60
  const { publicKey } = authority.create('Demo', passphrase, at, YEARS)
  const { meters, concentrators, valves, rtus } = JSON.parse(await readFile(network, 'utf8')) as NetworkDocument
  const behind = new Set(concentrators?.flatMap((concentrator) => concentrator.meters.map(({ meter }) => meter)))
  const chosen = meters
    .filter((m) => m.class === 'residential' && m.read_schedule !== '5min' && m.profile == null && !behind.has(m.id))
    .filter((_, i) => i % HOMES_A_CERTIFICATE === 7)
    .slice(0, MOST)
  // The last concentrator is an older one: it is believed by where it speaks from.
  const posts = (concentrators ?? []).slice(0, -1).map((concentrator) => Number(concentrator.device_number))
  // Who could speak or order in their name could close a part of the city.
  const instruments = [...rtus, ...valves.filter((valve) => valve.actuator === 'remote')].flatMap((one) =>
    one.device_number == null ? [] : [Number(one.device_number)],
  )
  const platform = newKeyPair()
  const devices = [...chosen.map(({ id }) => Number(id)), ...posts, ...instruments]
  const keys = devices.map(() => newKeyPair())
  const claims = devices.map((device, i) => ({
    ...({ role: 'device', subject: String(device), publicKey: (keys[i] as Sm2KeyPair).publicKey } as const),
  }))
  const own = { role: 'platform', subject: 'demo', publicKey: platform.publicKey } as const
  const [, ...issued] = authority.issueAll([own, ...claims], passphrase, at, YEARS)
  await exampleFirmware(path.join(folder, 'firmware'), authority, passphrase, at)
  const lines = issued.map((certificate, i) => ({
    ...{ device: Number(certificate.subject), key: hex((keys[i] as Sm2KeyPair).privateKey) },
    certificate: hex(encodeCertificate(certificate)),
  }))
  const text = [{ authority: hex(publicKey) }, ...lines].map((line) => JSON.stringify(line)).join('\n')
  await writeFile(platformKey, hex(platform.privateKey), { mode: 0o600 })
  await writeFile(madeWith, mark, { mode: 0o600 })
  await writeFile(identities, `${text}\n`, { mode: 0o600 })
  return told
}

/** Two images for the demo's meters, signed by their invented maker: the factory's version, and one to go to. */
async function exampleFirmware(folder: string, authority: AuthorityFolder, passphrase: string, at: number) {
  await mkdir(folder, { recursive: true })
  const keys = newKeyPair()
  const own = { role: 'firmware', subject: 'gastwin', publicKey: keys.publicKey } as const
  const certificate = authority.issue(own, passphrase, at, YEARS)
  for (const version of ['1.0.0', '1.1.0']) {
    const image = new Uint8Array(randomBytes(EXAMPLE_BYTES))
    const claims = { maker: 'gastwin', model: 'nb-1', version, security: 1, minBatteryMv: 3_000 }
    await writeFile(path.join(folder, `gastwin-${version}.img`), image)
    await writeFile(path.join(folder, `gastwin-${version}.sig`), signFirmware(image, claims, certificate, keys))
  }
}
