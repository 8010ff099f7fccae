import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readHeating } from './lowflow-premises.ts'

const folder = mkdtempSync(join(tmpdir(), 'premises-'))
const written = (text: string) => {
  const file = join(folder, 'premises.csv')
  writeFileSync(file, text)
  return file
}

test('heating is read from the table that the archive takes, in either language; an empty cell says nothing', async () => {
  const english = 'premises,point,address,heating\nP1,101,"Lake Road 1, left",yes\nP2,102,,no\nP3,103,,\n'
  const known = [
    ['101', true],
    ['102', false],
  ]
  expect([...(await readHeating(written(english)))]).toEqual(known)
  expect([...(await readHeating(written('用气点;计量点;燃气采暖\nP1;101;yes\nP2;102;no\n')))]).toEqual(known)
})

test('a table without the columns, and a word that is none, are refused by line', async () => {
  await expect(readHeating(written('premises,point\nP1,101\n'))).rejects.toThrow(/expected point and heating/)
  await expect(readHeating(written('point,heating\n101,yes\n102,maybe\n'))).rejects.toThrow(/line 3: "maybe"/)
})
