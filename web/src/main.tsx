import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { ConsoleContext, createConsoleModel } from './app/console-model.ts'
import { keepAddress } from './app/keep-address.ts'
import { keepFontsReady } from './app/keep-fonts-ready.ts'
import '@fontsource/noto-sans-sc/400.css'
import '@fontsource/noto-sans-sc/600.css'
import { loadWords } from './text/language.ts'
import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/map.css'
import './style/panels.css'

/** After the first paint: what is on the screen comes first. */
const OTHER_LANGUAGE_AFTER_MS = 1500

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root element')
const model = createConsoleModel()
keepAddress(model)
const language = model.language.get()
keepFontsReady(model)
const draw = () =>
  createRoot(root).render(
    <StrictMode>
      <ConsoleContext value={model}>
        <App />
      </ConsoleContext>
    </StrictMode>,
  )
void loadWords(language).then(draw, () => {
  root.textContent = '无法加载界面，请刷新页面。The console could not be loaded: reload the page.'
})
// The other language must be there when it is asked for without a service.
setTimeout(() => void loadWords(language === 'zh' ? 'en' : 'zh').catch(() => {}), OTHER_LANGUAGE_AFTER_MS)
