import { type FormEvent, useState } from 'react'
import type { Failure } from '../api/api.ts'
import { useStore } from '../state/store.ts'
import { useText } from '../text/use-text.ts'
import { useConsole } from './console-model.ts'
import { LanguageButton } from './language-button.tsx'
import { Problem } from './problem.tsx'

export function SignInForm() {
  const t = useText()
  const model = useConsole()
  const [failure, setFailure] = useState<Failure>()
  const signedOut = useStore(model.signedOut)
  const [working, setWorking] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setWorking(true)
    setFailure(await model.signIn(String(form.get('user') ?? ''), String(form.get('password') ?? '')))
    setWorking(false)
  }
  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <div className="row">
          <h1 className="sign-in-title">{t.frame.product}</h1>
          <LanguageButton />
        </div>
        <p className="second">{t.signIn.intro}</p>
        {signedOut ? <p role="status">{t.signIn.ended}</p> : null}
        <label>
          {t.signIn.user}
          <input name="user" autoComplete="username" required maxLength={64} />
        </label>
        <label>
          {t.signIn.password}
          <input name="password" type="password" autoComplete="current-password" required maxLength={256} />
        </label>
        <button type="submit" disabled={working}>
          {working ? t.signIn.working : t.signIn.submit}
        </button>
        {failure === undefined ? null : <Problem failure={failure} />}
        <p className="second">{t.signIn.demoHint}</p>
      </form>
    </main>
  )
}
