import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { commonCourse, courseFeatures, scoreCourses, scoreDrift, unpackModel } from '@gastwin/analytics/theft'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { theft } from '../cli/theft.ts'
import { readModelFile, writeModelFile } from './model-file.ts'
import { readDaySeries } from './read-day-series.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gastwin-theft-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const at = path.join(folder, name)
  writeFileSync(at, content)
  return at
}

/** An invented town as CSV. */
function town(customers: number, days: number, seed: number, label: boolean): string {
  const { ids, shown, labels, dates } = inventCourses({ customers, days, thieves: 0.1, seed })
  const lines = ids.map((id, row) => {
    const course = Array.from(shown.subarray(row * days, (row + 1) * days), (v) =>
      Number.isNaN(v) ? '' : v.toFixed(2),
    )
    return [id, ...(label ? [labels[row]] : []), ...course].join(',')
  })
  return `${['id', ...(label ? ['label'] : []), ...dates].join(',')}\n${lines.join('\n')}\n`
}

async function gastwinTheft(...args: string[]): Promise<string> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  const log = vi.spyOn(console, 'log').mockImplementation((text) => {
    out += `${text}\n`
  })
  try {
    expect(await theft.run(args)).toBe(0)
  } finally {
    write.mockRestore()
    log.mockRestore()
  }
  return out
}

describe('a file of daily courses', () => {
  const days = Array.from({ length: 8 }, (_, d) => `2024/1/${d + 1}`)

  test('is read with a label anywhere, days in order of time, gaps, Windows line ends and gzip', async () => {
    const header = ['CONS_NO', ...days.toReversed(), 'FLAG'].join(',')
    const csv = `\uFEFF${header}\r\nA,8,7,6,,4,3,2,1,1\r\nB,NaN,1,1,1,1,1,1,1,0\r\n`
    const series = await readDaySeries(file('a.csv.gz', gzipSync(csv)), 'auto')
    expect(series.ids).toEqual(['A', 'B'])
    expect([...(series.labels ?? [])]).toEqual([1, 0])
    expect(series.days[0]).toBe('2024/1/1')
    expect([...series.panel.values.subarray(0, 8)]).toEqual([1, 2, 3, 4, Number.NaN, 6, 7, 8])
    expect(series.panel.firstWeekday).toBe(1)
    expect((await readDaySeries(file('a.csv.gz', gzipSync(csv)))).panel.values).toEqual(series.panel.values)
  })

  test.each([
    ['empty', '', 'is empty'],
    ['without customers', `id,${days}\n`, 'no customer'],
    ['without a header', '17,1,2,3,4,5,6,7,8\n18,1,2,3,4,5,6,7,8\n', 'expected a header'],
    ['of too few days', 'id,a,b\nx,1,2\n', 'at least 7'],
    ['with a word for a number', `id,${days}\nx,1,2,three,4,5,6,7,8\n`, 'line 2 value "three"'],
    ['with a short line', `id,${days}\nx,1,2\n`, 'line 2 has 3 fields, the header has 9'],
    ['with an id twice', `id,${days}\nx,1,2,3,4,5,6,7,8\nx,1,2,3,4,5,6,7,8\n`, 'line 3 repeats id "x"'],
    ['with a label that is none', `id,label,${days}\nx,2,1,2,3,4,5,6,7,8\n`, 'neither 0 nor 1'],
  ])('%s is refused with the place and the reason', async (_, content, reason) => {
    await expect(readDaySeries(file('wrong.csv', content), 'auto')).rejects.toThrow(reason)
  })

  test('that is not there, or is cut gzip, is refused', async () => {
    await expect(readDaySeries(path.join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'API_INPUT' })
    const cut = gzipSync(town(30, 20, 1, false)).subarray(0, 500)
    await expect(readDaySeries(file('cut.csv.gz', cut))).rejects.toMatchObject({ code: 'API_INPUT' })
  })
})

test('a model file that was changed in one bit, or cut, is refused', async () => {
  const at = path.join(folder, 'x.model')
  await writeModelFile(at, {
    facts: { schema: 'x' },
    arrays: new Map([['a', { shape: [2], values: Float32Array.of(1, 2) }]]),
  })
  expect((await readModelFile(at)).model.facts).toEqual({ schema: 'x' })
  const bytes = readFileSync(at)
  for (const [name, wrong] of [
    ['bit', bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))],
    ['cut', bytes.subarray(0, bytes.length - 3)],
    ['other', Buffer.from('hello\n')],
  ] as const)
    await expect(readModelFile(file(`${name}.model`, wrong))).rejects.toMatchObject({ code: 'API_INPUT' })
})

describe('gastwin theft', () => {
  test('trains, scores without looking at labels, and leaves evidence whose hashes hold', async () => {
    const labelled = file('labelled.csv', town(150, 35, 4, true))
    const plain = file('plain.csv', town(150, 35, 4, false))
    const model = path.join(folder, 'theft.model')
    const trained = JSON.parse(
      await gastwinTheft('train', '--input', labelled, '--out', model, '--epochs', '1', '--networks', '1', '--json'),
    )
    expect(trained).toMatchObject({ trained_on: 'labels', rows: 150, days: 35 })
    const evidence = path.join(folder, 'evidence')
    const scores = await gastwinTheft('score', '--input', plain, '--model', model, '--evidence', evidence, '--top', '3')
    expect(await gastwinTheft('score', '--input', labelled, '--model', model)).toBe(scores)
    expect(scores.split('\n').length).toBe(152)
    const manifest = JSON.parse(readFileSync(path.join(evidence, 'manifest.json'), 'utf8'))
    expect(manifest.files.length).toBe(3)
    for (const { file: name, sha256, sm3 } of manifest.files) {
      const bytes = readFileSync(path.join(evidence, name))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
      expect(createHash('sm3').update(bytes).digest('hex')).toBe(sm3)
    }
    expect(readdirSync(evidence).length).toBe(4)
  }, 60_000)

  test('scores with the model that comes with it, whatever the length and the order', async () => {
    const lines = town(60, 90, 6, true).trim().split('\n')
    const straight = await gastwinTheft('score', '--input', file('s.csv', lines.join('\n')))
    const turned = await gastwinTheft(
      'score',
      '--input',
      file('t.csv', [lines[0], ...lines.slice(1).toReversed()].join('\n')),
    )
    const scoresOf = (text: string) =>
      new Map(
        text
          .trim()
          .split('\n')
          .slice(1)
          .map((l) => l.split(',') as [string, string]),
      )
    const other = scoresOf(turned)
    for (const [id, score] of scoresOf(straight)) expect(Number(other.get(id))).toBeCloseTo(Number(score), 4)
  }, 60_000)

  test('writes a model again with the deciles of another town: the scores stay, and that town has not moved from them', async () => {
    const home = file('home.csv', town(150, 35, 4, true))
    const away = file('away.csv', town(300, 35, 9, false))
    const [before, after] = [path.join(folder, 'before.model'), path.join(folder, 'after.model')]
    await gastwinTheft('train', '--input', home, '--out', before, '--networks', '0', '--json')
    await gastwinTheft('reference', '--input', away, '--model', before, '--out', after, '--json')
    const score = (model: string) => gastwinTheft('score', '--input', away, '--model', model)
    expect(await score(after)).toBe(await score(before))
    const { panel } = await readDaySeries(away)
    const features = courseFeatures(panel, commonCourse(panel))
    const moved = await Promise.all(
      [before, after].map(async (at) => {
        const model = unpackModel((await readModelFile(at)).model)
        if (typeof model === 'string' || model.reference === undefined) throw new Error('no reference')
        return scoreDrift(model.reference, features, scoreCourses(model, panel)).features[0]?.index
      }),
    )
    expect(moved[1]).toBeCloseTo(0, 6)
    expect(moved[0]).toBeGreaterThan(0.01)
  }, 60_000)

  test('evaluates under cross-validation with floors and intervals', async () => {
    const input = file('e.csv', town(200, 21, 7, true))
    const said = JSON.parse(
      await gastwinTheft(
        ...[
          'evaluate',
          '--input',
          input,
          '--folds',
          '2',
          '--epochs',
          '1',
          '--networks',
          '1',
          '--resamples',
          '20',
          '--json',
        ],
      ),
    )
    for (const scores of [said.model, said.floors.mask_only, said.floors.summary_only, said.floors.plain_mlp]) {
      expect(scores.roc_auc.p05).toBeLessThanOrEqual(scores.roc_auc.p95)
      expect(scores.average_precision.value).toBeGreaterThan(0)
    }
    expect(said.gain.mask_only.roc_auc.value).toBeCloseTo(
      said.model.roc_auc.value - said.floors.mask_only.roc_auc.value,
    )
    const last = JSON.parse(
      await gastwinTheft('evaluate', '--input', input, '--held-out', '--epochs', '1', '--no-floors', '--json'),
    )
    expect(said.rows).toBe(200)
    expect(last.rows > 20 && last.rows < 60).toBe(true)
    const rest = ['--development', '--networks', '0', '--no-floors', '--resamples', '20', '--json']
    const twice = JSON.parse(await gastwinTheft('evaluate', '--input', input, '--seeds', '2', ...rest))
    expect(twice.rows).toBe(200 - last.rows)
    const [one, other] = twice.each_seed
    expect(one.roc_auc).not.toBe(other.roc_auc)
    expect((one.roc_auc + other.roc_auc) / 2).toBeCloseTo(twice.model.roc_auc.value, 12)
  }, 60_000)

  test.each([
    [['train', '--input', 'x'], '--out'],
    [['score'], '--input'],
    [['reference', '--input', 'x', '--model', 'y'], '--out'],
    [['guess'], 'expected train, score, reference or evaluate'],
    [['score', '--input', 'x', '--top', 'many'], '--top'],
    [['evaluate', '--input', 'x', '--held-out', '--development'], 'not both'],
    [['train', '--input', 'x', '--out', 'y', '--network-share', '2'], '--network-share'],
  ])('refuses %j and says what was expected', async (args, word) => {
    await expect(theft.run(args)).rejects.toMatchObject({ code: 'CLI_USAGE', message: expect.stringContaining(word) })
  })
})
