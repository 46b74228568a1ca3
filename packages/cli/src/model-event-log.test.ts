import { ServingError } from '@serving/core';
import { expect, it } from 'vitest';
import { modelEventLog } from './model-event-log.js';

it('quotes the names of models, which a reload may have brought', () => {
  const lines: string[] = [];
  const listeners = modelEventLog((line) => lines.push(line));
  const id = { name: 'a" is available\nforged', version: 1 };
  listeners['servable:available']!({ id, managerState: 'available' });
  listeners['servable:end']!({ id, managerState: 'end', error: new ServingError('DATA_LOSS', 'broken') });
  listeners['config:reloaded']!({ models: ['b', id.name] });
  listeners['config:reloaded']!({ models: [] });
  const quoted = '"a\\" is available\\nforged"';
  expect(lines).toEqual([
    `model ${quoted} version 1 is available`,
    `model ${quoted} version 1 has failed: DATA_LOSS: broken`,
    `the models are now "b", ${quoted}`,
    'the models are now none',
  ]);
});
