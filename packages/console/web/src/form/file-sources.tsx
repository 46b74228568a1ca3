/** Values from files. */
import type { JSX } from 'preact';
import { bytesText } from '../shell/format.js';
import { shapeText } from '../tensors/tensor.js';
import { takeFile } from './dropped-file.js';
import type { SourceProps } from './source-props.js';

interface FilePickerProps extends SourceProps {
  readonly label: string;
  readonly accept?: string;
}

/** A place to drop a file on, or to choose one with the keyboard. */
export function FilePicker({ field, errorId, label, accept }: FilePickerProps): JSX.Element {
  return (
    <label class="drop">
      <span>{label}</span>
      <input
        type="file"
        accept={accept}
        aria-label={`${label} for ${field.name}`}
        aria-describedby={errorId}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void takeFile(field, file);
        }}
      />
    </label>
  );
}

export function NpySource(props: SourceProps): JSX.Element {
  const tensor = props.field.tensors.value.file;
  return (
    <div class="source">
      <FilePicker {...props} accept=".npy" label="Drop a .npy file here, or choose one" />
      {tensor && <p class="hint">{props.field.origin.value}</p>}
    </div>
  );
}

export function BytesSource(props: SourceProps): JSX.Element {
  const tensor = props.field.tensors.value.bytes;
  const bytes = tensor?.values[0] as Uint8Array | undefined;
  return (
    <div class="source">
      <FilePicker {...props} label="Drop an image or any file here, or choose one: its bytes are sent" />
      {tensor && bytes && (
        <p class="hint">
          {props.field.origin.value}: {bytesText(bytes.length)} as {shapeText(tensor.shape)}
        </p>
      )}
    </div>
  );
}
