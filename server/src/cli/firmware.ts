import { readFileSync, writeFileSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'
import { decodeCertificate } from '../identity/certificate.ts'
import { decodeSignedFirmware, refuseImage, signFirmware } from '../identity/firmware-package.ts'
import { readKeyFile } from '../identity/key-file.ts'
import { keyPairOf, PRIVATE_KEY_BYTES } from '../identity/sm2.ts'
import { fromHex, toHex } from '../protocol/index.ts'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin firmware sign IMAGE --maker M --model N --version V --security S [--min-battery-mv MV] --key-file FILE --certificate HEX --out FILE.sig | show FILE.sig [--image FILE] [--json]'
const OPTIONS = {
  json: { type: 'boolean', default: false },
  maker: { type: 'string' },
  model: { type: 'string' },
  version: { type: 'string' },
  security: { type: 'string' },
  'min-battery-mv': { type: 'string' },
  'key-file': { type: 'string' },
  certificate: { type: 'string' },
  image: { type: 'string' },
  out: { type: 'string' },
} as const
const usage = (message: string): UsageError => new UsageError('CLI_USAGE', `${message} (usage: ${USAGE})`)

export const firmware: Verb = {
  summary: 'signs a firmware image for devices, and reads a signed manifest',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, OPTIONS, USAGE)
    const [action, file] = positionals
    if (file === undefined) throw usage('which file?')
    if (action === 'sign') sign(file, values)
    else if (action === 'show') return show(file, values.image, values.json)
    else throw usage(`no action "${action}"`)
    return EXIT.ok
  },
}

type Values = { readonly [K in keyof typeof OPTIONS]?: string | boolean | undefined }

function sign(file: string, values: Values): void {
  const given = (name: keyof typeof OPTIONS): string => {
    const value = values[name]
    if (typeof value !== 'string' || value === '') throw usage(`--${name} is missing`)
    return value
  }
  const certificate = decodeCertificate(fromHex(given('certificate')) ?? new Uint8Array())
  if (certificate?.role !== 'firmware') throw usage('--certificate is no firmware certificate in hexadecimal')
  const keys = keyPairOf(readKeyFile(given('key-file'), PRIVATE_KEY_BYTES))
  if (toHex(keys.publicKey) !== toHex(certificate.publicKey)) throw usage('the certificate is for another key')
  const battery = typeof values['min-battery-mv'] === 'string' ? values['min-battery-mv'] : '0'
  const claims = {
    ...{ maker: given('maker'), model: given('model'), version: given('version') },
    security: numberOption('security', given('security'), 0, 0xffff_ffff),
    minBatteryMv: numberOption('min-battery-mv', battery, 0, 0xffff),
  }
  const image = new Uint8Array(readFileSync(file))
  writeFileSync(given('out'), signFirmware(image, claims, certificate, keys))
}

/** Says what a manifest says; whether to believe it is the platform's and the device's to find out. */
function show(file: string, imageFile: string | undefined, json: boolean): number {
  const read = decodeSignedFirmware(new Uint8Array(readFileSync(file)))
  if (read === undefined) throw usage(`${file} is no signed manifest`)
  const { digest, ...manifest } = read.manifest
  const image = imageFile === undefined ? undefined : new Uint8Array(readFileSync(imageFile))
  const refusal = image && refuseImage(read.manifest, image)
  const { subject, serial } = read.certificate
  const shown = { ...manifest, sm3: toHex(digest), signer: subject, serial, ...(image && { image: refusal ?? 'fits' }) }
  if (json) console.log(JSON.stringify(shown))
  else for (const [name, value] of Object.entries(shown)) console.log(`${name.padEnd(13)} ${value}`)
  return refusal === undefined ? EXIT.ok : EXIT.failed
}
