import { describe, expect, test } from 'vitest'
import { formatClause, insertHead, sqlString, statementKind } from './statement.ts'

describe('what a statement is', () => {
  test.each([
    ['SELECT 1', 'read'],
    ['  -- why\n/* how */ with x as (select 1) select * from x', 'read'],
    ['(SELECT 1) UNION ALL (SELECT 2)', 'read'],
    ['SHOW TABLES', 'read'],
    ['INSERT INTO g.t (a, b) FORMAT JSONEachRow', 'data'],
    ['INSERT INTO t FORMAT TabSeparated', 'data'],
    ['INSERT INTO t SELECT * FROM u', 'change'],
    ["INSERT INTO t VALUES (1, 'FORMAT CSV')", 'change'],
    ['CREATE TABLE t (a Int8) ENGINE = Memory', 'change'],
    ['ALTER TABLE t DROP COLUMN a', 'change'],
  ])('%s → %s', (sql, kind) => expect(statementKind(sql)).toBe(kind))
})

test('the head of an INSERT gives table, columns and format', () => {
  expect(insertHead('INSERT INTO `g`.`t` (`a`, b)\nFORMAT CSV\n')).toEqual({
    table: 'g.t',
    columns: ['a', 'b'],
    format: 'CSV',
  })
})

test('only a FORMAT at the end counts', () => {
  expect(formatClause("SELECT ' FORMAT CSV ' AS x FORMAT JSONEachRow ")).toBe('JSONEachRow')
  expect(formatClause('SELECT 1 FORMAT TSV SETTINGS max_threads = 1')).toBe('TSV')
  expect(formatClause("SELECT 'FORMAT CSV'")).toBeUndefined()
})

test('a string literal cannot be left by its content', () => {
  expect(sqlString("a'b\\")).toBe("'a\\'b\\\\'")
})
