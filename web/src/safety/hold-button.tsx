import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'

const HOLD_MS = 2000

interface HoldButtonProps {
  readonly label: string
  readonly holding: string
  readonly disabled: boolean
  readonly describedBy: string
  readonly onHeld: () => void
}

/** Acts only when held for two seconds, by pointer or by Enter or Space; a click does nothing, letting go cancels. */
export function HoldButton({ label, holding, disabled, describedBy, onHeld }: HoldButtonProps) {
  const [held, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const release = () => {
    clearTimeout(timer.current)
    timer.current = undefined
    setHeld(false)
  }
  const press = () => {
    if (disabled || timer.current !== undefined) return
    setHeld(true)
    timer.current = setTimeout(() => {
      release()
      onHeld()
    }, HOLD_MS)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  // What becomes forbidden while it is held must not happen when the time is up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the change to disabled matters
  useEffect(() => {
    if (disabled) release()
  }, [disabled])
  const keyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    press()
  }
  const pointerDown = (event: PointerEvent<HTMLButtonElement>) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    press()
  }
  return (
    <button
      type="button"
      className={held ? 'hold held' : 'hold'}
      disabled={disabled}
      aria-describedby={describedBy}
      onPointerDown={pointerDown}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={keyDown}
      onKeyUp={release}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
    >
      <span className="bar" />
      <span className="label">
        <svg width="12" height="13" viewBox="0 0 12 13" aria-hidden="true">
          <path d="M1 6H11V12.5H1ZM3 6V3.8A3 3 0 0 1 9 3.8V6" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </svg>{' '}
        {held ? holding : label}
      </span>
    </button>
  )
}
