/**
 * One numbered step of the database's shape. The text is a template (see `render-ddl.ts`); once released it never changes: its
 * checksum is kept in the database.
 */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}
