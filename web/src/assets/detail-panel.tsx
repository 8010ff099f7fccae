import { type DetailTab, useConsole } from '../app/console-model.ts'
import { ErrorBoundary } from '../app/error-boundary.tsx'
import { printNumber } from '../format/numbers.ts'
import { isOpen } from '../leaks/leak-facts.ts'
import { LeakList } from '../leaks/leak-list.tsx'
import { IsolationPanel } from '../safety/isolation-panel.tsx'
import { ShutoffList } from '../safety/shutoff-list.tsx'
import { isRunning } from '../safety/shutoff-state.ts'
import { useSlice, useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { AssetPanel } from './asset-panel.tsx'

/** Under the alarms: what is selected, the plan that is considered, the shut-offs that run. */
export function DetailPanel() {
  const t = useText()
  const model = useConsole()
  const tab = useStore(model.detailTab)
  const selection = useStore(model.selection)
  const plan = useStore(model.plan)
  const running = useSlice(model.shutoffs, (all) => [...(all?.values() ?? [])].filter(isRunning).length)
  const leakShown = selection?.kind === 'leak' || selection?.leak !== undefined
  const leaking = useSlice(model.leaks, (all) => (all ?? []).filter(isOpen).length)
  const idle = (tab === 'asset' && selection === null) || (tab === 'isolation' && plan === undefined)
  const tabs: readonly DetailTab[] =
    plan === undefined ? ['asset', 'leaks', 'shutoffs'] : ['asset', 'isolation', 'leaks', 'shutoffs']
  const shown = tabs.includes(tab) ? tab : 'asset'
  return (
    <section
      className={`details${idle ? ' idle' : ''}${shown === 'asset' && !leakShown ? '' : ' tall'}`}
      aria-label={t.assets.region}
    >
      <div className="tabs">
        <div className="tab-names" role="tablist" aria-label={t.assets.region}>
          {tabs.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={name === shown}
              aria-controls="tab-body"
              onClick={() => model.detailTab.set(name)}
            >
              {t.assets.tabs[name]}
              {name === 'shutoffs' && running > 0 ? ` ${printNumber(running)}` : ''}
              {name === 'leaks' && leaking > 0 ? ` ${printNumber(leaking)}` : ''}
            </button>
          ))}
        </div>
        <span className="spring" />
        {shown === 'asset' && selection !== null ? (
          <button
            type="button"
            className="plain"
            aria-label={t.assets.clear}
            title={t.assets.clear}
            onClick={() => model.selection.select(null)}
          >
            ×
          </button>
        ) : null}
        {shown === 'isolation' ? (
          <button
            type="button"
            className="plain"
            aria-label={t.safety.closePlan}
            title={t.safety.closePlan}
            onClick={() => {
              model.plan.set(undefined)
              model.detailTab.set('asset')
            }}
          >
            ×
          </button>
        ) : null}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long panels scroll, and scrolling needs a keyboard too */}
      <div className="tab-body" id="tab-body" role="tabpanel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        <ErrorBoundary key={`${shown}/${selection?.kind}/${selection?.id}`} what={t.assets.tabs[shown]}>
          {shown === 'asset' ? (
            <AssetPanel />
          ) : shown === 'isolation' ? (
            <IsolationPanel />
          ) : shown === 'leaks' ? (
            <LeakList />
          ) : (
            <ShutoffList />
          )}
        </ErrorBoundary>
      </div>
    </section>
  )
}
