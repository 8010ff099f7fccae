import { loadWords } from '../text/language.ts'
import { useText } from '../text/use-text.ts'
import { useConsole } from './console-model.ts'

/** Switches at once and keeps everything else as it is. */
export function LanguageButton() {
  const t = useText()
  const { language } = useConsole()
  const other = language.get() === 'zh' ? 'en' : 'zh'
  return (
    <button
      type="button"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() =>
        void loadWords(other).then(
          () => language.set(other),
          () => {},
        )
      }
    >
      {t.frame.otherLanguage}
    </button>
  )
}
