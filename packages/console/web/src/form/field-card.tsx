/** A field of the form: what the input is, its value, and what is wrong with it. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Dimension } from '../../../src/api/console-api.js';
import { Choice } from '../ui/choice.js';
import { DrawSource } from './draw-source.js';
import { takeFile } from './dropped-file.js';
import { BytesSource, NpySource } from './file-sources.js';
import { FillSource } from './fill-source.js';
import { ImageSource } from './image-source.js';
import { type InputField, SOURCES, type Source } from './input-field.js';
import type { SourceProps } from './source-props.js';
import { LinesSource, TextSource } from './text-sources.js';

export function FieldCard({ field }: { readonly field: InputField }): JSX.Element {
  const id = useId();
  const source = field.source.value;
  const error = field.error.value;
  const options = Object.fromEntries(field.sources.map((key) => [key, SOURCES[key]]));
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void takeFile(field, file);
  };
  return (
    <section
      class={`field ${error ? 'wrong' : ''}`}
      aria-labelledby={id}
      data-input={field.name}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <header>
        <h3 id={id}>{field.name}</h3>
        <span class="chip">{field.dtype.name}</span>
        {field.dtype.kind !== 'example' && <Shape dimensions={field.dimensions} />}
        {field.isOptional && (
          <label class="check">
            <input
              type="checkbox"
              checked={!field.isLeftOut.value}
              onChange={(event) => {
                field.isLeftOut.value = !event.currentTarget.checked;
              }}
            />
            send it
          </label>
        )}
      </header>
      {!field.isLeftOut.value && (
        <>
          {field.sources.length > 1 && (
            <Choice
              label={`Source of ${field.name}`}
              isLabelHidden
              options={options as Partial<Record<Source, string>>}
              value={source}
              onChange={(chosen) => {
                field.source.value = chosen;
                field.error.value = undefined;
              }}
            />
          )}
          <SourceInput field={field} errorId={error ? `${id}-error` : undefined} />
        </>
      )}
      {field.dtype.kind === 'other' && (
        <p class="notice warning">Values of type {field.dtype.name} have no form in the HTTP APIs.</p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </section>
  );
}

function SourceInput(props: SourceProps): JSX.Element {
  switch (props.field.source.value) {
    case 'text':
      return <TextSource {...props} />;
    case 'lines':
      return <LinesSource {...props} />;
    case 'image':
      return <ImageSource {...props} />;
    case 'draw':
      return <DrawSource {...props} />;
    case 'file':
      return <NpySource {...props} />;
    case 'bytes':
      return <BytesSource {...props} />;
    case 'fill':
      return <FillSource {...props} />;
  }
}

/** Sizes with their names, such as `[batch, 28, 28, 1]`. */
function Shape({ dimensions }: { readonly dimensions: readonly Dimension[] | undefined }): JSX.Element {
  if (dimensions === undefined) return <span class="chip">any shape</span>;
  if (dimensions.length === 0) return <span class="chip">scalar</span>;
  const texts = dimensions.map(({ size, name }) =>
    size < 0 ? name || '?' : name ? `${name} = ${size}` : String(size),
  );
  return <span class="chip">[{texts.join(', ')}]</span>;
}
