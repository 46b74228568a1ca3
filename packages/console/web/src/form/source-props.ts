import type { InputField } from './input-field.js';

/** What each source of a value gets. */
export interface SourceProps {
  readonly field: InputField;
  /** Of the error that describes the field. */
  readonly errorId: string | undefined;
}
