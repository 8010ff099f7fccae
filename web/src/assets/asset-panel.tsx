import type { ReactNode } from 'react'
import { AlarmCard } from '../alarms/alarm-card.tsx'
import { useConsole } from '../app/console-model.ts'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { EdgePanel } from '../estimate/edge-panel.tsx'
import { RtuCheck } from '../estimate/rtu-check.tsx'
import { printPercent } from '../format/numbers.ts'
import { LeakCard } from '../leaks/leak-card.tsx'
import { leakInPipe, leakOfAlarm } from '../leaks/leak-facts.ts'
import type { Selection } from '../state/selection.ts'
import { useStore } from '../state/store.ts'
import type { Dictionary } from '../text/en/index.ts'
import { useText } from '../text/use-text.ts'
import { ZonePanel } from '../zones/zone-panel.tsx'
import { DevicePanel } from './device-panel.tsx'
import { objectFacts } from './object-facts.ts'
import { PreviewButton } from './preview-button.tsx'

/** The selected thing, whatever it is, and the alarm through which it was chosen. */
export function AssetPanel() {
  const t = useText()
  const { selection, alarms, leaks } = useConsole()
  const chosen = useStore(selection)
  const known = useStore(leaks) ?? []
  const alarm = useStore(alarms)?.get(chosen?.alarm ?? '')
  if (chosen === null) return <p className="second">{t.assets.none}</p>
  const leakId = chosen.kind === 'leak' ? chosen.id : chosen.leak
  const leak = known.find(({ id }) => id === leakId) ?? leakOfAlarm(alarm, known)
  const hint = leak === undefined && chosen.kind === 'pipe' ? leakInPipe(chosen.id, known) : undefined
  return (
    <>
      {alarm === undefined ? null : <AlarmCard alarm={alarm} />}
      {leak === undefined ? null : <LeakCard leak={leak} />}
      {chosen.kind === 'leak' && leak === undefined ? <p className="second">{t.leaks.gone}</p> : null}
      {hint === undefined ? null : (
        <p>
          {t.leaks.here(printPercent(hint.probability, 0))}{' '}
          <button
            type="button"
            className="link"
            onClick={() => selection.select({ kind: 'leak', id: hint.leak.id }, { fly: true })}
          >
            {t.leaks.open} {hint.leak.id}
          </button>
        </p>
      )}
      <Body selection={chosen} />
    </>
  )
}

function Body({ selection }: { readonly selection: Selection }) {
  switch (selection.kind) {
    case 'zone':
      return <ZonePanel id={selection.id} />
    case 'meter':
    case 'rtu':
    case 'valve':
      return (
        <>
          <PlainFacts selection={selection} />
          {selection.kind === 'rtu' ? <RtuCheck rtu={selection.id} /> : null}
          <DevicePanel kind={selection.kind} asset={selection.id} />
        </>
      )
    case 'pipe':
      return <PlainFacts selection={selection} estimate={<EdgePanel pipe={selection.id} />} />
    case 'station':
    case 'node':
      return <PlainFacts selection={selection} />
    case 'leak':
    case 'system':
      return null
  }
}

/** Ids that begin with the word for their kind say it once. */
function nameOf({ kind, id }: Selection, t: Dictionary): string {
  const word = t.assets.kinds[kind] ?? kind
  return id.startsWith(word) ? id : `${word} ${id}`
}

interface PlainFactsProps {
  readonly selection: Selection
  readonly estimate?: ReactNode
}

function PlainFacts({ selection, estimate }: PlainFactsProps) {
  const t = useText()
  const model = useConsole()
  const zoneName = useZoneName()
  const geometry = useStore(model.geometry)
  useNow(2000)
  const mirror = model.mirror()
  const facts = geometry === undefined || mirror === undefined ? undefined : objectFacts(selection, geometry, mirror, t)
  const zone = facts?.zone
  return (
    <>
      <div className="title-row">
        <h3>{nameOf(selection, t)}</h3>
        {facts === undefined || facts.state === '' ? null : <span className="tag">{facts.state}</span>}
        <button type="button" className="link" onClick={() => model.selection.select(selection, { fly: true })}>
          {t.assets.showOnMap}
        </button>
      </div>
      <dl className="facts">
        {(facts?.more.length ?? 0) === 0 || selection.kind === 'meter' ? null : (
          <>
            <dt>{selection.kind === 'pipe' ? `${t.assets.diameter}, ${t.assets.tier}` : t.assets.actuator}</dt>
            <dd>{facts?.more.join(' · ')}</dd>
          </>
        )}
        {zone === undefined ? null : (
          <>
            <dt>{t.assets.zone}</dt>
            <dd>
              <button type="button" className="link" onClick={() => model.selection.select({ kind: 'zone', id: zone })}>
                {zoneName(zone)}
              </button>
            </dd>
          </>
        )}
      </dl>
      {estimate}
      <PreviewButton selection={selection} />
    </>
  )
}
