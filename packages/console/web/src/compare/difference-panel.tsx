/** The differences of two answers, output by output. */
import type { JSX } from 'preact';
import { Picture } from '../answers/picture-view.js';
import { scalarShown } from '../answers/value-table.js';
import type { NamedTensors } from '../requests/answer.js';
import { countText, threeDigits } from '../shell/format.js';
import { shapeText } from '../tensors/tensor.js';
import { Panel } from '../ui/panel.js';
import { differencesOf, type OutputDifference } from './difference.js';

const MOST_CELLS = 40_000;

export interface DifferencePanelProps {
  /** Of the versions. */
  readonly names: readonly [string, string];
  readonly first: NamedTensors;
  readonly second: NamedTensors;
  readonly times: readonly string[];
}

export function DifferencePanel({ names, first, second, times }: DifferencePanelProps): JSX.Element {
  const differences = differencesOf(first, second);
  const differing = differences.reduce((sum, output) => sum + output.differing + (output.obstacle ? 1 : 0), 0);
  return (
    <Panel
      title="Differences"
      aside={
        <p class="facts" role="status">
          <span class={`badge ${differing === 0 ? 'state-available' : 'state-loading'}`}>
            {differing === 0 ? 'equal' : 'different'}
          </span>
          <span>
            {names[0]}: {times[0]}, {names[1]}: {times[1]}
          </span>
        </p>
      }
    >
      {differences.map((difference) => (
        <OutputDifferences key={difference.name} names={names} difference={difference} />
      ))}
    </Panel>
  );
}

interface OutputDifferencesProps {
  readonly names: readonly [string, string];
  readonly difference: OutputDifference;
}

function OutputDifferences({ names, difference }: OutputDifferencesProps): JSX.Element {
  const { name, first, obstacle, count, differing, largest, mean, values, top } = difference;
  const isText = first?.dtype.kind === 'string';
  const width = first?.shape.at(-1) ?? 1;
  return (
    <section class="output" aria-label={`Output ${name}`}>
      <header>
        <h3>{name}</h3>
        {first && <span class="chip">{first.dtype.name}</span>}
        {first && <span class="chip">{shapeText(first.shape)}</span>}
      </header>
      {obstacle && <p class="notice warning">{obstacle}</p>}
      {!obstacle && (
        <p class="facts">
          <span>
            {countText(differing)} of {countText(count)} elements differ
          </span>
          {!isText && <span>largest difference {threeDigits(largest)}</span>}
          {!isText && <span>mean {threeDigits(mean)}</span>}
        </p>
      )}
      {differing > 0 && count > 1 && count <= MOST_CELLS && !isText && (
        <Picture
          label={`Differences of ${name} by element; brighter is larger`}
          values={values}
          width={width}
          height={count / width}
          channels={1}
        />
      )}
      {top.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached with the keyboard.
        <section class="table" tabIndex={0} aria-label={`Largest differences of ${name}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Element</th>
                <th scope="col">Version {names[0]}</th>
                <th scope="col">Version {names[1]}</th>
                {!isText && <th scope="col">Difference</th>}
              </tr>
            </thead>
            <tbody>
              {top.map((element) => (
                <tr key={element.index.join()}>
                  <th scope="row">[{element.index.join(', ')}]</th>
                  <td class="number">{scalarShown(element.first)}</td>
                  <td class="number">{scalarShown(element.second)}</td>
                  {!isText && <td class="number">{threeDigits(element.difference)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
