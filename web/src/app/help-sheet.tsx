import { useEffect, useRef } from 'react'
import { useText } from '../text/use-text.ts'

export function HelpSheet({ onClose }: { readonly onClose: () => void }) {
  const t = useText()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title" className="dialog-title">
        {t.help.title}
      </h2>
      <table>
        <tbody>
          {t.help.rows.map(([keys, does]) => (
            <tr key={keys}>
              <td>
                <kbd>{keys}</kbd>
              </td>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row-buttons" style={{ marginTop: 10 }}>
        <button type="button" onClick={() => dialog.current?.close()}>
          {t.frame.close}
        </button>
      </div>
    </dialog>
  )
}
