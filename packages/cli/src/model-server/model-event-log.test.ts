import { ServingError } from '@serving/core';
import { parseModelServerConfig } from '@serving/protos/config';
import { describe, expect, it } from 'vitest';
import { modelEventLog } from './model-event-log.js';

describe('modelEventLog', () => {
  it('tells where a polled config file does not parse', () => {
    const lines: string[] = [];
    const log = modelEventLog((line) => lines.push(line));
    try {
      parseModelServerConfig('model_config_list {\n  confg {}\n}', '/models.config');
    } catch (error) {
      log.error?.(ServingError.from(error).prefixed('The configuration could not be read; the running one is kept: '));
    }
    expect(lines).toEqual([
      'Error parsing text-format tensorflow.serving.ModelServerConfig: 2:3: Message type "tensorflow.serving.ModelConfigList" has no field named "confg".',
      expect.stringMatching(
        /^INVALID_ARGUMENT: The configuration could not be read; the running one is kept: Invalid protobuf file: '/,
      ),
    ]);
  });

  it('has one line for an error of another kind', () => {
    const lines: string[] = [];
    modelEventLog((line) => lines.push(line)).error?.(new ServingError('NOT_FOUND', 'no m'));
    expect(lines).toEqual(['NOT_FOUND: no m']);
  });
});
