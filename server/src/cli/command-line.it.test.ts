import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runGastwin } from './testing/run-gastwin.ts'

const VERBS = [
  ...['serve', 'demo', 'decode', 'replay', 'export', 'bench', 'user', 'apikey', 'ca', 'audit'],
  ...['solve', 'isolate', 'segments', 'leak', 'gap', 'theft', 'lowflow'],
]
const SMALLEST = {
  schema: 'gastwin-network/1',
  name: 'Test',
  time_zone: 'Asia/Shanghai',
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gastwin-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One line on stderr, nothing on stdout, exit code 2. */
async function expectUsageError(args: readonly string[], code: string, ...words: string[]): Promise<void> {
  const end = await runGastwin(args)
  expect([end.code, end.stdout], args.join(' ')).toEqual([2, ''])
  const lines = end.stderr.trim().split('\n')
  expect(lines.length, end.stderr).toBe(1)
  expect(lines[0]?.startsWith(`${code}: `), end.stderr).toBe(true)
  for (const word of words) expect(lines[0]).toContain(word)
}

describe('help', () => {
  test('is printed without a verb, lists every verb and the exit codes', async () => {
    for (const args of [[], ['--help'], ['help']]) {
      const { code, stdout, stderr } = await runGastwin(args)
      expect([code, stderr]).toEqual([0, ''])
      for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb}\\s+\\S`, 'm'))
      expect(stdout).toContain('exit code: 0')
    }
  })

  test.each(VERBS)('of %s tells how it is used', async (verb) => {
    const { code, stdout } = await runGastwin([verb, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`usage: gastwin ${verb}`)
  })
})

test('each mistake on the command line is told in one line with what was expected, and ends with 2', async () => {
  await Promise.all([
    expectUsageError(['nonsense'], 'CLI_USAGE', 'no verb "nonsense"'),
    expectUsageError(['serve', '--bogus'], 'CLI_USAGE', '--bogus'),
    expectUsageError(['decode', 'xyz'], 'CLI_USAGE', 'hexadecimal'),
    expectUsageError(['decode', '68', '--key', '12'], 'CLI_USAGE', 'key'),
    expectUsageError(['audit'], 'CLI_USAGE', 'FILE'),
  ])
  await Promise.all([
    expectUsageError(['audit', path.join(folder, 'none')], 'CLI_USAGE', 'does not exist'),
    expectUsageError(['export', '--data', path.join(folder, 'none')], 'CLI_USAGE', 'no log'),
    expectUsageError(['export', '--from', 'yesterday'], 'CLI_USAGE', '--from', '2026-'),
    expectUsageError(['user', 'add', 'li', '--role', 'king'], 'CLI_USAGE', 'king', 'dispatcher'),
  ])
  await Promise.all([
    expectUsageError(['demo', '--meters', '5'], 'CLI_USAGE', '--meters', '200'),
    expectUsageError(['demo', '--scenario', 'earthquake'], 'CLI_USAGE', 'earthquake', 'rupture'),
    expectUsageError(['demo', '--safety-mode', 'reckless'], 'CLI_USAGE', 'reckless', 'dry_run'),
    expectUsageError(['demo', '--resume', '--data', path.join(folder, 'none')], 'CLI_USAGE', 'nothing to resume'),
  ])
}, 60_000)

describe('decode', () => {
  interface Vector {
    readonly name: string
    readonly hex?: string
  }
  const published = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../protocol/cjt188/vectors/published.json'), 'utf8'),
  ) as readonly Vector[]

  test('explains a published frame field by field, for people and for programs', async () => {
    const vector = published.find((v) => v.hex !== undefined)
    const hex = vector?.hex ?? ''
    const text = await runGastwin(['decode', hex])
    expect(text.stdout).toContain('CJ/T 188')
    const spaced = await runGastwin(['decode', ...(hex.replaceAll(' ', '').match(/../g) ?? []), '--json'])
    const explained = JSON.parse(spaced.stdout) as { fields: { offset: number; hex: string }[] }
    expect(explained.fields[0]?.offset).toBe(0)
    expect(
      explained.fields
        .map((f) => f.hex)
        .join('')
        .replaceAll(' ', '')
        .toLowerCase(),
    ).toBe(hex.replaceAll(' ', '').toLowerCase())
    expect(text.code).toBe(spaced.code)
  })

  test('tells the protocols apart, and reads with the profile of a maker', async () => {
    const [electricity, push, heat] = await Promise.all([
      runGastwin(['decode', '6825040302010068910833333433753945338B16']),
      runGastwin(['decode', '6810040022082610000317000000020203AFAC16']),
      runGastwin(['decode', '--profile', 'jy-heat', published.find((v) => v.name.startsWith('H2r'))?.hex ?? '']),
    ])
    expect([electricity.code, push.code, heat.code]).toEqual([0, 0, 0])
    expect(electricity.stdout).toMatch(/^DL\/T 645\n[\s\S]*1206.42 kWh/)
    expect(push.stdout).toMatch(/^CAT-1 push/)
    expect(heat.stdout).toContain('0.02 MWh')
    await expectUsageError(['decode', '--profile', 'nobody', '68'], 'CFG_INVALID', 'cjt188-2004')
  }, 30_000)

  test('of a cut frame says where it ends, with exit code 1', async () => {
    const { code, stdout } = await runGastwin(['decode', '68300102'])
    expect(code).toBe(1)
    expect(stdout).toContain('problem: truncated at byte')
  })
})

describe('serve', () => {
  const serve = (network: string, environment: Record<string, string> = {}) =>
    runGastwin(
      ['serve', '--network', network, '--data', path.join(folder, 'data'), '--http-port', '0', '--coap-port', '0'],
      {
        GASTWIN_LOG_LEVEL: 'silent',
        ...environment,
      },
    )

  test('without a network says which setting is missing', async () => {
    await expectUsageError(['serve'], 'CFG_INVALID', 'GASTWIN_NETWORK')
  })

  test('with a network file that is not there, not JSON, or full of faults tells each fault in a line of its own', async () => {
    const missing = await serve(path.join(folder, 'none.json'))
    expect([missing.code, missing.stderr.split(':')[0]]).toEqual([2, 'NET_DOCUMENT'])
    const notJson = path.join(folder, 'not.json')
    writeFileSync(notJson, '{"schema":')
    expect((await serve(notJson)).stderr).toMatch(/^NET_DOCUMENT: .*not\.json: /)
    const faulty = path.join(folder, 'faulty.json')
    writeFileSync(
      faulty,
      JSON.stringify({
        ...SMALLEST,
        time_zone: 'Asia/Nowhere',
        nodes: [{ id: 'N1' }, { id: 'N1' }],
        pipes: [{ id: 'P1', from: 'N1', to: 'N9', length_m: -3, diameter_m: 'wide' }],
      }),
    )
    const { code, stderr } = await serve(faulty)
    const lines = stderr.trim().split('\n')
    expect(code).toBe(2)
    for (const line of lines) expect(line).toMatch(/^NET_DOCUMENT: .*faulty\.json: .+, expected .+/)
    for (const word of ['time_zone', 'length_m', 'diameter_m', 'N1', 'N9']) expect(stderr).toContain(word)
    expect(lines.length).toBeGreaterThanOrEqual(5)
  })

  test('with several wrong settings tells all of them at once, each with its place', async () => {
    const config = path.join(folder, 'config.json')
    writeFileSync(config, JSON.stringify({ httpPort: 99_999, coapProt: 5683, gapTargetRate: 'much' }))
    const { code, stderr } = await runGastwin(['serve'], {
      GASTWIN_CONFIG: config,
      GASTWIN_SAFETY_MODE: 'reckless',
      GASTWIN_MASTER_KEY: 'short',
    })
    expect(code).toBe(2)
    for (const words of [
      'httpPort',
      '"coapProt" is not a setting',
      'gapTargetRate',
      'GASTWIN_SAFETY_MODE',
      'GASTWIN_MASTER_KEY',
    ])
      expect(stderr).toContain(words)
    for (const line of stderr.trim().split('\n')) expect(line).toMatch(/^CFG_INVALID: /)
  })
})

describe('a port that is in use', () => {
  const city = () => path.join(folder, 'demo')
  const demo = (...ports: string[]) =>
    runGastwin(['demo', '--data', city(), '--meters', '200', '--warm-up', '0', ...ports], {
      GASTWIN_LOG_LEVEL: 'silent',
    })

  test('is named with its setting, and the program ends at once', async () => {
    const udp = dgram.createSocket('udp4').bind(0, '127.0.0.1')
    await once(udp, 'listening')
    const coap = await demo('--http-port', '0', '--coap-port', String(udp.address().port))
    expect(coap.stderr).toContain(`CFG_INVALID: coapPort: 127.0.0.1:${udp.address().port} cannot be used (EADDRINUSE)`)
    expect(coap.code).not.toBe(0)
    udp.close()

    const tcp = createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    const http = await demo('--http-port', String(port), '--coap-port', '0')
    expect(http.stderr).toContain(`CFG_INVALID: httpPort: 127.0.0.1:${port} cannot be used (EADDRINUSE)`)
    expect(http.code).not.toBe(0)
    tcp.close()
  }, 60_000)
})

describe('accounts', () => {
  test('are made with a password that is told once, and a file that only its owner reads', async () => {
    const data = path.join(folder, 'accounts')
    const made = await runGastwin(['user', 'add', 'li', '--role', 'dispatcher', '--data', data])
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^li \(dispatcher\) password: \S{12}\n$/)])
    const password = made.stdout.trim().split(' ').at(-1) ?? ''
    const key = await runGastwin(['apikey', 'add', 'scada', '--role', 'viewer', '--data', data])
    expect(key.stdout).toMatch(/^scada \(viewer\) key: gt_\S+\n$/)
    const file = readFileSync(path.join(data, 'accounts.json'), 'utf8')
    expect(file).not.toContain(password)
    expect(file).not.toContain(key.stdout.trim().split(' ').at(-1))
    const weak = await runGastwin(['user', 'add', 'wang', '--password', 'short', '--data', data])
    expect([weak.code, weak.stderr]).toEqual([1, expect.stringContaining('8 characters')])
  })

  test('have an area that is told, listed and changed by name; contradictions and forgotten words change nothing', async () => {
    const data = path.join(folder, 'areas')
    const run = (...args: string[]) => runGastwin([...args, '--data', data])
    const list = async () => (await run('user', 'list')).stdout
    await run('user', 'add', 'li', '--role', 'dispatcher', '--zones', 'Z01, Z02', '--groups', 'north')
    expect(await list()).toBe('li\tdispatcher\tzones Z01, Z02 and group north\n')
    await run('user', 'add', 'li', '--role', 'safety')
    expect(await list()).toBe('li\tsafety\tzones Z01, Z02 and group north\n')
    for (const wrong of [['--zones', ''], ['--zones', 'Z01', '--whole-city'], []])
      expect((await run('user', 'area', 'li', ...wrong)).code).toBe(2)
    expect(await list()).toContain('zones Z01, Z02')
    expect((await run('user', 'area', 'li', '--whole-city')).stdout).toBe('li: whole city\n')
    expect(await list()).toBe('li\tsafety\twhole city\n')
    expect((await run('apikey', 'area', 'li', '--zones', 'Z01')).stderr).toContain('there is no key "li"')
  }, 180_000)
})
