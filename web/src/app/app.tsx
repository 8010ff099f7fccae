import { useStore } from '../state/store.ts'
import { useConsole } from './console-model.ts'
import { Frame } from './frame.tsx'
import { SignInForm } from './sign-in-form.tsx'

export function App() {
  const session = useStore(useConsole().session)
  return session === null ? <SignInForm /> : <Frame />
}
