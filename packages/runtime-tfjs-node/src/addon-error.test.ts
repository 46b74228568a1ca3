import { describe, expect, it } from 'vitest';
import { addonError } from './addon-error.js';

describe('addonError', () => {
  it.each([
    ['load', 'Failed to load SavedModel: Could not find meta graph def matching supplied tags: { a }.', 'NOT_FOUND'],
    ['load', "Failed to load SavedModel: Can't parse /m/1/saved_model.pb as binary proto", 'DATA_LOSS'],
    ['load', 'Failed to load SavedModel: Op type not registered', 'UNIMPLEMENTED'],
    ['load', 'Failed to load SavedModel: something new', 'UNKNOWN'],
    ['run', 'Output op name can not be found in the graph.', 'NOT_FOUND'],
    ['run', 'Session fail to run with error: Attempting to use uninitialized value b', 'FAILED_PRECONDITION'],
    ['run', 'Session fail to run with error: OOM when allocating tensor', 'RESOURCE_EXHAUSTED'],
    ['run', 'Unhandled TF_DataType: 4\n', 'UNIMPLEMENTED'],
    ['run', 'Session fail to run with error: Matrix size-incompatible', 'INVALID_ARGUMENT'],
    ['unload', 'Failed to delete SavedModel: no', 'INTERNAL'],
  ] as const)('of a failed %s with "%s" has the code %s', (call, message, code) => {
    expect(addonError(call, { stage: 'call', message }).code).toBe(code);
  });

  it("keeps TensorFlow's message and drops the addon's words before it", () => {
    const message = 'Session fail to run with error: Expects arg[0] to be float but int32 is provided';
    expect(addonError('run', { stage: 'call', message }).message).toBe(
      'Expects arg[0] to be float but int32 is provided',
    );
  });

  it('tells how to mend a tfjs-node that does not load', () => {
    const error = addonError('describe', { stage: 'addon', message: 'no addon. ' });
    expect(error.code).toBe('FAILED_PRECONDITION');
    expect(error.message).toContain('npm rebuild @tensorflow/tfjs-node');
  });
});
