/** An output in the view that suits it, and in others to choose. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { nestedText } from '../tensors/nested-values.js';
import { shapeText } from '../tensors/tensor.js';
import { Choice } from '../ui/choice.js';
import { CopyButton } from '../ui/copy-button.js';
import { ClassBars } from './class-bars.js';
import type { OutputViewProps } from './output-view-props.js';
import { PictureView } from './picture-view.js';
import { ValueTable } from './value-table.js';
import { VectorLine } from './vector-line.js';
import { possibleViews, VIEWS, type View } from './views.js';

export function OutputView({ name, tensor, outputs }: OutputViewProps): JSX.Element {
  const possible = possibleViews(tensor);
  const [chosen, setChosen] = useState<View>();
  const view = chosen !== undefined && possible.includes(chosen) ? chosen : (possible[0] ?? 'table');
  const options = Object.fromEntries(possible.map((key) => [key, VIEWS[key]])) as Partial<Record<View, string>>;
  return (
    <section class="output" aria-label={`Output ${name}`}>
      <header>
        <h3>{name}</h3>
        <span class="chip">{tensor.dtype.name}</span>
        <span class="chip">{shapeText(tensor.shape)}</span>
        {possible.length > 1 && (
          <Choice label={`View of ${name}`} isLabelHidden options={options} value={view} onChange={setChosen} />
        )}
        <CopyButton label="Copy JSON" text={() => nestedText(tensor)} />
      </header>
      <ViewOf view={view} name={name} tensor={tensor} outputs={outputs} />
    </section>
  );
}

function ViewOf({ view, name, tensor, outputs }: OutputViewProps & { readonly view: View }): JSX.Element {
  switch (view) {
    case 'bars':
      return <ClassBars name={name} tensor={tensor} outputs={outputs} />;
    case 'picture':
      return <PictureView name={name} tensor={tensor} />;
    case 'line':
      return <VectorLine name={name} tensor={tensor} />;
    case 'table':
      return <ValueTable name={name} tensor={tensor} />;
  }
}
