import { existsSync, writeFileSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'
import { AuthorityFolder } from '../identity/authority-folder.ts'
import { type Certificate, encodeCertificate } from '../identity/certificate.ts'
import { newKeyPair, PUBLIC_KEY_BYTES } from '../identity/sm2.ts'
import { fromHex, toHex } from '../protocol/index.ts'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin ca init FOLDER --name NAME | issue FOLDER (--device N | --platform NAME | --firmware MAKER) (--public-key HEX | --key-file FILE) | revoke FOLDER SERIAL --reason TEXT | list FOLDER   [--years N] [--json]; the passphrase is in GASTWIN_CA_PASSPHRASE'
const OPTIONS = {
  json: { type: 'boolean', default: false },
  name: { type: 'string' },
  device: { type: 'string' },
  platform: { type: 'string' },
  firmware: { type: 'string' },
  'public-key': { type: 'string' },
  'key-file': { type: 'string' },
  reason: { type: 'string' },
  years: { type: 'string' },
} as const
const SHORTEST_PASSPHRASE = 12
const usage = (message: string): UsageError => new UsageError('CLI_USAGE', `${message} (usage: ${USAGE})`)

export const ca: Verb = {
  summary: 'the utility’s certificate authority: issue, revoke, list',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, OPTIONS, USAGE)
    const [action, folder, serial] = positionals
    if (folder === undefined) throw usage('which folder?')
    const authority = new AuthorityFolder(folder)
    const at = Math.floor(Date.now() / 1000)
    const years = Math.floor(numberOption('years', values.years ?? '12', 1, 50))
    switch (action) {
      case 'init':
        if (!values.name) throw usage('an authority has a --name')
        show(authority.create(values.name, passphrase(), at, years), values.json)
        break
      case 'issue':
        show(authority.issue({ ...subjectOf(values), publicKey: keyOf(values) }, passphrase(), at, years), values.json)
        break
      case 'revoke':
        if (!values.reason) throw usage('a certificate is taken back for a --reason')
        authority.revoke(numberOption('SERIAL', serial ?? '', 2, Number.MAX_SAFE_INTEGER), values.reason, at)
        break
      case 'list':
        for (const { certificate, revoked } of authority.list()) show(certificate, values.json, revoked)
        break
      default:
        throw usage(`no action "${action}"`)
    }
    return EXIT.ok
  },
}

function passphrase(): string {
  const words = process.env['GASTWIN_CA_PASSPHRASE'] ?? ''
  if (words.length >= SHORTEST_PASSPHRASE) return words
  throw new UsageError('CFG_INVALID', `GASTWIN_CA_PASSPHRASE has fewer than ${SHORTEST_PASSPHRASE} characters`)
}

interface Values {
  readonly device?: string | undefined
  readonly platform?: string | undefined
  readonly firmware?: string | undefined
  readonly 'public-key'?: string | undefined
  readonly 'key-file'?: string | undefined
}

function subjectOf({ device, platform, firmware }: Values): Pick<Certificate, 'role' | 'subject'> {
  if ([device, platform, firmware].filter((one) => one !== undefined).length !== 1)
    throw usage('either a --device or a --platform, or the maker of --firmware')
  if (firmware !== undefined) return { role: 'firmware', subject: firmware }
  if (platform !== undefined) return { role: 'platform', subject: platform }
  if (!/^\d{1,14}$/.test(device ?? '')) throw usage('a device number has up to 14 digits')
  return { role: 'device', subject: String(Number(device)) }
}

/** The given public key, or that of a fresh pair whose private key goes into a new file and nowhere else. */
function keyOf(values: Values): Uint8Array {
  const given = values['public-key']
  const file = values['key-file']
  if ((given === undefined) === (file === undefined)) throw usage('either a --public-key or a --key-file')
  if (given !== undefined) {
    const key = fromHex(given)
    if (key?.length !== PUBLIC_KEY_BYTES) throw usage('a public key is 33 bytes, compressed')
    return key
  }
  if (file === undefined || existsSync(file)) throw usage(`${file} is there already`)
  const { privateKey, publicKey } = newKeyPair()
  writeFileSync(file, `${toHex(privateKey)}\n`, { mode: 0o600, flag: 'wx' })
  return publicKey
}

function show(
  certificate: Certificate,
  json: boolean,
  revoked?: { readonly at: number; readonly reason: string },
): void {
  const { role, serial, subject, notBefore, notAfter } = certificate
  const days = { from: isoDay(notBefore), to: isoDay(notAfter) }
  const hex = toHex(encodeCertificate(certificate))
  if (json) console.log(JSON.stringify({ serial, role, subject, ...days, revoked: revoked ?? null, certificate: hex }))
  else {
    const state = revoked ? `revoked ${isoDay(revoked.at)}: ${revoked.reason}` : 'valid'
    console.log(
      `${String(serial).padStart(6)}  ${role.padEnd(9)} ${subject.padEnd(20)} ${days.from} … ${days.to}  ${state}`,
    )
    if (!revoked) console.log(`        ${hex}`)
  }
}

const isoDay = (second: number): string => new Date(second * 1000).toISOString().slice(0, 10)
