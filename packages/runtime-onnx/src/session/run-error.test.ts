import { expect, it } from 'vitest';
import { runError } from './run-error.js';

const running = "Non-zero status code returned while running LSTM node. Name:'rnn' Status Message: ";

it.each([
  [
    'INTERNAL',
    `${running}Input initial_c must have shape {1,2,5}.`,
    'INVALID_ARGUMENT',
    'LSTM (node rnn): Input initial_c must have shape {1,2,5}.',
  ],
  ['INTERNAL', `${running}std::bad_alloc`, 'RESOURCE_EXHAUSTED', 'LSTM (node rnn): std::bad_alloc'],
  [
    'INTERNAL',
    `${running}/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) ` +
      'Failed to allocate memory for requested buffer of size 4294967296000',
    'RESOURCE_EXHAUSTED',
    'LSTM (node rnn): Failed to allocate memory for requested buffer of size 4294967296000',
  ],
  [
    'CANCELLED',
    `${running}Exiting due to terminate flag being set to true.`,
    'CANCELLED',
    'LSTM (node rnn): Exiting due to terminate flag being set to true.',
  ],
  ['INTERNAL', 'no node is named', 'INTERNAL', 'no node is named'],
] as const)('a run that failed with %s, %j, is %s', (code, message, ours, text) => {
  expect(runError({ code, message })).toMatchObject({ code: ours, message: text });
});
