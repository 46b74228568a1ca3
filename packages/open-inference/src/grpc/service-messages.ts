/** The service's small messages by their fields. */
import type { MessageSpec } from './message-codec.js';

/** The full name of the service. */
export const SERVICE_NAME = 'inference.GRPCInferenceService';

type MessageName =
  | 'flag'
  | 'model'
  | 'index'
  | 'control'
  | 'serverMetadata'
  | 'modelMetadata'
  | 'entries'
  | 'statistics';

const duration: MessageSpec = { count: [1, 'count'], ns: [2, 'count'] };
const tensorMetadata: MessageSpec = { name: [1, 'text'], datatype: [2, 'text'], shape: [3, 'sizes'] };

/** The messages; those of requests have texts, flags and parameters only. */
export const specs: Readonly<Record<MessageName, MessageSpec>> = {
  flag: { flag: [1, 'flag'] },
  model: { name: [1, 'text'], version: [2, 'text'] },
  index: { repository_name: [1, 'text'], ready: [2, 'flag'] },
  control: { repository_name: [1, 'text'], model_name: [2, 'text'], parameters: [3, 'parameters'] },
  serverMetadata: { name: [1, 'text'], version: [2, 'text'], extensions: [3, 'texts'] },
  modelMetadata: {
    name: [1, 'text'],
    versions: [2, 'texts'],
    platform: [3, 'text'],
    inputs: [4, 'messages', tensorMetadata],
    outputs: [5, 'messages', tensorMetadata],
    properties: [6, 'strings'],
  },
  entries: {
    models: [1, 'messages', { name: [1, 'text'], version: [2, 'text'], state: [3, 'text'], reason: [4, 'text'] }],
  },
  statistics: {
    model_stats: [
      1,
      'messages',
      {
        name: [1, 'text'],
        version: [2, 'text'],
        last_inference: [3, 'count'],
        inference_count: [4, 'count'],
        execution_count: [5, 'count'],
        inference_stats: [
          6,
          'message',
          {
            success: [1, 'message', duration],
            fail: [2, 'message', duration],
            queue: [3, 'message', duration],
            compute_input: [4, 'message', duration],
            compute_infer: [5, 'message', duration],
            compute_output: [6, 'message', duration],
            cache_hit: [7, 'message', duration],
            cache_miss: [8, 'message', duration],
          },
        ],
        batch_stats: [
          7,
          'messages',
          {
            batch_size: [1, 'count'],
            compute_input: [2, 'message', duration],
            compute_infer: [3, 'message', duration],
            compute_output: [4, 'message', duration],
          },
        ],
      },
    ],
  },
};
