import { readings } from './0001-readings.ts'
import { records } from './0002-records.ts'
import { balances } from './0003-balances.ts'
import { rollUps } from './0004-roll-ups.ts'
import { writer } from './0005-writer.ts'
import { gap } from './0006-gap.ts'
import { gapLeaks } from './0007-gap-leaks.ts'
import type { Migration } from './migration.ts'

/** Every step in order. Append only. */
export const MIGRATIONS: readonly Migration[] = [readings, records, balances, rollUps, writer, gap, gapLeaks]
