import { type ReactNode, useId, useState } from 'react'
import type { Answer, Failure } from '../api/api.ts'
import { Problem } from '../app/problem.tsx'
import { HoldButton } from '../safety/hold-button.tsx'
import { useDeviceText } from './device-text.ts'
import { useMayAct } from './may-order.ts'

interface HeldActProps<T> {
  readonly label: string
  readonly holding: string
  /** What will happen: stands beside the button and is read out with it. */
  readonly consequence: ReactNode
  /** Everything that must be said is said. */
  readonly ready: boolean
  readonly act: () => Promise<Answer<T>>
  readonly done: (value: T) => string
  readonly onDone?: (value: T) => void
}

/** An act on devices: its consequence, a button that must be held, and what became of it. */
export function HeldAct<T>({ label, holding, consequence, ready, act, done, onDone }: HeldActProps<T>) {
  const t = useDeviceText()
  const mayAct = useMayAct()
  const id = useId()
  const [working, setWorking] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const [said, setSaid] = useState('')
  const run = async () => {
    setWorking(true)
    setFailure(undefined)
    setSaid('')
    const answer = await act()
    setWorking(false)
    if (!answer.ok) return setFailure(answer.failure)
    setSaid(done(answer.value))
    onDone?.(answer.value)
  }
  return (
    <div className="held-act">
      <p id={id}>{mayAct ? consequence : t.order.notLive}</p>
      <HoldButton
        label={label}
        holding={holding}
        disabled={!mayAct || !ready || working}
        describedBy={id}
        onHeld={() => void run()}
      />
      {failure === undefined ? null : (
        <>
          <Problem failure={failure} />
          <p className="second">{failure.detail}</p>
        </>
      )}
      <output>{said}</output>
    </div>
  )
}
