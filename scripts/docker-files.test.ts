import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { SETTINGS } from '../server/src/config/config.table.ts'

/** No engine runs these files here: this checks their syntax and that everything they name exists. */
const root = path.resolve(import.meta.dirname, '..')
const compose = parse(readFileSync(path.join(root, 'docker/compose.yaml'), 'utf8'), { strict: true, uniqueKeys: true })

test('compose.yaml is valid, and each service has an image, sane dependencies and known settings', () => {
  const services: Record<string, Record<string, unknown>> = compose.services
  expect(Object.keys(services)).toEqual(['clickhouse', 'gastwin', 'demo'])
  const known = new Set(SETTINGS.map((s): string => s.env))
  for (const [name, service] of Object.entries(services)) {
    expect(service['image'], name).toBeTypeOf('string')
    for (const other of Object.keys(service['depends_on'] ?? {})) expect(services, name).toHaveProperty(other)
    if (name === 'clickhouse') continue
    for (const variable of Object.keys(service['environment'] ?? {}))
      expect(known, `${name}: ${variable}`).toContain(variable)
  }
  for (const volume of ['clickhouse', 'data', 'demo']) expect(compose.volumes).toHaveProperty(volume)
})

test('the Dockerfile has known instructions, copies what exists, and ends as a user without rights', () => {
  const text = readFileSync(path.join(root, 'docker/Dockerfile'), 'utf8').replaceAll('\\\n', ' ')
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const stages = new Set<string>()
  for (const line of lines) {
    const [instruction = '', ...words] = line.trim().split(/\s+/)
    expect([
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'ENV',
      'USER',
      'VOLUME',
      'EXPOSE',
      'HEALTHCHECK',
      'ENTRYPOINT',
      'CMD',
    ]).toContain(instruction)
    if (instruction === 'FROM' && words[1] === 'AS') stages.add(words[2] ?? '')
    if (instruction !== 'COPY') continue
    const from = words.find((w) => w.startsWith('--from='))?.slice(7)
    if (from !== undefined) expect(stages).toContain(from)
    else for (const file of words.slice(0, -1)) expect(existsSync(path.join(root, file)), file).toBe(true)
  }
  expect(lines.findLast((line) => line.startsWith('USER'))).toBe('USER node')
})
