/** All inputs of a signature. */
import type { InputExample, SignatureInfo } from '../../../src/api/console-api.js';
import type { FieldValue } from '../requests/field-value.js';
import type { Json } from '../tensors/json.js';
import { jsonText } from '../tensors/json-text.js';
import { InputField } from './input-field.js';

export class InputForm {
  readonly signature: SignatureInfo;
  readonly fields: readonly InputField[];

  constructor(signature: SignatureInfo) {
    this.signature = signature;
    this.fields = signature.inputs.map((input) => new InputField(input));
  }

  /** Counts changes of all values. */
  get changes(): number {
    return this.fields.reduce((sum, field) => sum + field.changes.value, 0);
  }

  /** The values by input name; `undefined` when one can not be read, which its field then says if `report` is set. */
  values(report: boolean): ReadonlyMap<string, FieldValue> | undefined {
    const values = new Map<string, FieldValue>();
    let isComplete = true;
    for (const field of this.fields) {
      if (report) field.error.value = undefined;
      try {
        const value = field.value();
        if (value !== undefined) values.set(field.name, value);
      } catch (error) {
        if (report) field.error.value = (error as Error).message;
        isComplete = false;
      }
    }
    return isComplete ? values : undefined;
  }

  /**
   * Shows an error beside the field that it names, or else beside the only one whose value does not suit its input; `false` when it
   * concerns no field.
   */
  showError(message: string): boolean {
    const unsuitable = this.fields.length === 1 ? this.fields : this.fields.filter((field) => !field.isSuitable());
    const field =
      this.fields.find(({ name }) => names(message, name)) ?? (unsuitable.length === 1 ? unsuitable[0] : undefined);
    if (field === undefined) return false;
    field.error.value = message;
    return true;
  }

  takeExample({ inputs }: InputExample): void {
    for (const field of this.fields) {
      const value = inputs[field.name];
      if (value !== undefined) field.takeText(jsonText(value as Json));
    }
  }
}

/** Whether a message has a name as a word of its own. */
function names(message: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:^|[^\\w.-])${escaped}(?![\\w-])`).test(message);
}
