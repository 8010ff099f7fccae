import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { NetworkDocument } from '@gastwin/twin'

/**
 * Homes of a demo whose gas meters a test may speak for: they report for themselves, and never made a first contact, after which
 * they would have to speak in cipher.
 * @param dataDir of the demo
 * @returns meter ids in the order of the document
 */
export function plainHomes(dataDir: string, network: NetworkDocument): readonly string[] {
  const behind = new Set(network.concentrators?.flatMap(({ meters }) => meters.map(({ meter }) => meter)))
  const identities = path.join(dataDir, 'trust', 'meters.ndjson')
  const certified = new Set(
    existsSync(identities) ? [...readFileSync(identities, 'utf8').matchAll(/"device":(\d+)/g)].map(([, n]) => n) : [],
  )
  return network.meters
    .filter((m) => m.class === 'residential' && (m.kind ?? 'gas') === 'gas' && m.corrector !== true)
    .filter((m) => !behind.has(m.id) && !certified.has(String(Number(m.id))))
    .map((m) => m.id)
}
