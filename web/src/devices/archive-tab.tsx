import type { ImportOutcome } from '@gastwin/server/contract'
import { useId, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useConsole } from '../app/console-model.ts'
import { Problem } from '../app/problem.tsx'
import { NONE, printNumber } from '../format/numbers.ts'
import { saveFile } from '../gap/save-file.ts'
import { useStore } from '../state/store.ts'
import { wordFor } from '../text/language.ts'
import type { ImportTable } from './device-api.ts'
import { useDeviceText, useRecordText } from './device-text.ts'
import { HeldAct } from './held-act.tsx'
import { useMayAct, useRole } from './may-order.ts'
import { PointImports } from './point-imports.tsx'
import { useDeviceApi } from './use-asked.tsx'

const TABLES: readonly ImportTable[] = ['devices', 'premises', 'customers', 'points']

interface Looked {
  readonly file: File
  readonly outcome: ImportOutcome
}

/** Tables of devices, premises and customers, for spreadsheets: out as a file, and in again after a look at what would change; new metering points in. */
export function ArchiveTab() {
  const t = useDeviceText()
  const api = useDeviceApi()
  const language = useStore(useConsole().language)
  const mayImport = useRole('admin')
  const mayAct = useMayAct()
  const choice = useId()
  const [table, setTable] = useState<ImportTable>('devices')
  const [looked, setLooked] = useState<Looked>()
  const [failure, setFailure] = useState<Failure>()
  const [looking, setLooking] = useState(false)
  const [turn, setTurn] = useState(0)
  const save = async () => {
    if (table === 'points') return
    const answer = await api.table(table, language)
    setFailure(answer.ok ? undefined : answer.failure)
    if (answer.ok) saveFile(`${table}.csv`, answer.value, 'text/csv;charset=utf-8')
  }
  const look = async (file: File | undefined) => {
    setLooked(undefined)
    setFailure(undefined)
    if (file === undefined) return
    setLooking(true)
    const answer = await api.importTable(table, file, true)
    setLooking(false)
    if (answer.ok) setLooked({ file, outcome: answer.value })
    else setFailure(answer.failure)
  }
  const chooseTable = (name: ImportTable) => {
    setTable(name)
    setLooked(undefined)
    setFailure(undefined)
    setTurn(turn + 1)
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a row of switches, not a form */}
      <div className="device-filters" role="group" aria-label={t.archive.table}>
        {TABLES.map((name) => (
          <button key={name} type="button" aria-pressed={name === table} onClick={() => chooseTable(name)}>
            {t.archive.tables[name]}
          </button>
        ))}
        <span className="spring" />
        {table === 'points' ? null : (
          <button type="button" onClick={() => void save()}>
            {t.archive.save}
          </button>
        )}
      </div>
      <div className="devices-scroll archive-import">
        <p className="second">{t.archive.hint}</p>
        {table === 'points' ? <p className="second">{t.archive.pointsHint}</p> : null}
        {mayImport ? (
          <p>
            <label htmlFor={choice}>{t.archive.choose(t.archive.tables[table])}</label>{' '}
            <input
              key={turn}
              id={choice}
              type="file"
              accept=".csv,text/csv"
              disabled={!mayAct || looking}
              onChange={(event) => void look(event.target.files?.[0])}
            />
          </p>
        ) : (
          <p className="empty">{t.archive.adminOnly}</p>
        )}
        {failure === undefined ? null : <Problem failure={failure} />}
        {looked === undefined ? null : (
          <Look
            key={`${table} ${turn}`}
            table={table}
            looked={looked}
            onDone={() => {
              setLooked(undefined)
              setTurn(turn + 1)
            }}
          />
        )}
        {table === 'points' ? <PointImports key={turn} /> : null}
      </div>
    </>
  )
}

interface LookProps {
  readonly table: ImportTable
  readonly looked: Looked
  readonly onDone: () => void
}

/** What a file would do: its mistakes by line, or its changes and the button that does them. */
function Look({ table, looked: { file, outcome }, onDone }: LookProps) {
  const t = useDeviceText()
  const api = useDeviceApi()
  const [done, setDone] = useState(false)
  const { rows, added, changed, faults_in_all: faults } = outcome
  const counts = t.archive.counts(printNumber(rows), printNumber(added), printNumber(changed))
  if (faults > 0)
    return (
      <>
        <p role="alert">{t.archive.faults(printNumber(faults), printNumber(outcome.faults.length))}</p>
        <Faults outcome={outcome} />
      </>
    )
  if (added + changed === 0) return <p className="empty">{t.archive.nothing(printNumber(rows))}</p>
  return (
    <>
      <HeldAct
        label={t.archive.hold}
        holding={t.archive.holding}
        consequence={`${file.name}: ${counts}`}
        ready={!done}
        act={() => api.importTable(table, file, false)}
        done={(said) =>
          said.applied
            ? t.archive.done(printNumber(said.added), printNumber(said.changed))
            : t.archive.refused(printNumber(said.faults_in_all))
        }
        onDone={({ applied }) => {
          setDone(true)
          if (!applied) onDone()
        }}
      />
      <Changes outcome={outcome} />
    </>
  )
}

function Faults({ outcome }: { readonly outcome: ImportOutcome }) {
  const t = useDeviceText()
  const { todo } = useRecordText()
  return (
    <table className="import-faults">
      <caption className="visually-hidden">{t.archive.faultsTable}</caption>
      <thead>
        <tr>
          <th scope="col" className="number">
            {t.archive.line}
          </th>
          <th scope="col">{t.archive.column}</th>
          <th scope="col">{t.archive.value}</th>
          <th scope="col">{t.archive.mistake}</th>
          <th scope="col">{todo.title}</th>
        </tr>
      </thead>
      <tbody>
        {outcome.faults.map(({ row, column, code, value, words }) => (
          <tr key={`${row} ${column} ${code}`}>
            <td className="number">{printNumber(row)}</td>
            <td>{column === '' ? NONE : wordFor(t.archive.columns, column)}</td>
            <td className="id">{value === '' ? NONE : value}</td>
            <td>
              {wordFor(t.archive.codes, code)} <span className="second">{words}</span>
            </td>
            <td>{wordFor(todo.codes, code)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Changes({ outcome }: { readonly outcome: ImportOutcome }) {
  const t = useDeviceText()
  return (
    <table className="import-changes">
      <caption>{t.archive.first(printNumber(outcome.changes.length))}</caption>
      <thead>
        <tr>
          <th scope="col" className="number">
            {t.archive.line}
          </th>
          <th scope="col">{t.archive.key}</th>
          <th scope="col">{t.archive.change}</th>
        </tr>
      </thead>
      <tbody>
        {outcome.changes.map(({ row, key, is_new: isNew, cells }) => (
          <tr key={row}>
            <td className="number">{printNumber(row)}</td>
            <td className="id">{key}</td>
            <td>
              {isNew ? <strong>{t.archive.isNew} </strong> : null}
              {cells
                .map(({ column, before, after }) => {
                  const was = before === '' ? '' : `${before} → `
                  return `${wordFor(t.archive.columns, column)}: ${was}${after === '' ? NONE : after}`
                })
                .join(' · ')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
