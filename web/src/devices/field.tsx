interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: string
}

/** A line of a form: what is asked, and what it means. */
export function Field({ label, value, onChange, hint }: FieldProps) {
  return (
    <label>
      {label}
      <input autoComplete="off" maxLength={200} value={value} onChange={(event) => onChange(event.target.value)} />
      {hint === undefined ? null : <span className="second">{hint}</span>}
    </label>
  )
}
