import { useStore } from '../state/store.ts'
import { useConsole } from './console-model.ts'
import { DispatchScreen } from './dispatch-screen.tsx'
import { SignInForm } from './sign-in-form.tsx'

export function App() {
  const session = useStore(useConsole().session)
  return session === null ? <SignInForm /> : <DispatchScreen />
}
