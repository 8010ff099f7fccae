import type { Leak } from '@gastwin/server/contract'
import { useConsole } from '../app/console-model.ts'
import { Loading } from '../app/loading.tsx'
import { useNow } from '../app/use-now.ts'
import { useZoneName } from '../app/use-zones.ts'
import { printMeasure } from '../format/numbers.ts'
import { printDuration } from '../format/time.ts'
import { flowM3H } from '../format/units.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { glows, isOpen, sortLeaks } from './leak-facts.ts'

const MOST = 60

/** Every leak the service knows, the most urgent first; what is only suspected stands quietly among them. */
export function LeakList() {
  const t = useText()
  const { leaks } = useConsole()
  const all = useStore(leaks)
  if (all === undefined) return <Loading what={t.assets.tabs.leaks} />
  if (all.length === 0) return <p className="second">{t.leaks.empty}</p>
  return (
    <ul className="leak-list">
      {sortLeaks(all)
        .slice(0, MOST)
        .map((leak) => (
          <Row key={leak.id} leak={leak} />
        ))}
    </ul>
  )
}

function Row({ leak }: { readonly leak: Leak }) {
  const t = useText()
  const zoneName = useZoneName()
  const now = useNow(5000)
  const { selection, detailTab } = useConsole()
  const { p05, p95 } = leak.standard_flow_m3_s
  const open = () => {
    selection.select({ kind: 'leak', id: leak.id }, { fly: true })
    detailTab.set('asset')
  }
  return (
    <li className={glows(leak) ? 'loud' : 'quiet'}>
      <button type="button" className="link" onClick={open}>
        {t.leaks.kinds[leak.kind]} {leak.id}
      </button>
      <span className="tag">{t.leaks.states[leak.state]}</span> {zoneName(leak.zone)} ·{' '}
      {t.leaks.sizeRange(printMeasure(flowM3H(p05)), printMeasure(flowM3H(p95)))}
      {isOpen(leak) ? ` · ${printDuration(Math.max(0, now - leak.started_at), t.frame.units)}` : ''}
      {leak.candidates[0] === undefined ? '' : ` · ${leak.candidates[0].pipe}`}
    </li>
  )
}
