import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { ConsoleContext, createConsoleModel } from './app/console-model.ts'
import { keepAddress } from './app/keep-address.ts'
import { keepFontsReady } from './app/keep-fonts-ready.ts'
import '@fontsource/noto-sans-sc/400.css'
import '@fontsource/noto-sans-sc/600.css'
import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/map.css'
import './style/panels.css'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root element')
const model = createConsoleModel()
keepAddress(model)
keepFontsReady(model)
createRoot(root).render(
  <StrictMode>
    <ConsoleContext value={model}>
      <App />
    </ConsoleContext>
  </StrictMode>,
)
