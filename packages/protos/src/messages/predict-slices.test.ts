import { createTensor, type NamedTensors, StringArray } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from './message.js';
import {
  decodePredictRequestMessage,
  decodePredictRequestMessageInSlices,
  encodePredictRequestMessage,
  type PredictRequestMessage,
} from './predict.js';

const modelSpec = { name: 'm', signatureName: '' };

/** The request, and in how many slices it was read. */
function inSlices(bytes: Uint8Array): { readonly request: PredictRequestMessage; readonly slices: number } {
  const steps = decodePredictRequestMessageInSlices(bytes);
  for (let slices = 1; ; slices++) {
    const { done, value } = steps.next();
    if (done) return { request: value, slices };
  }
}

function tensorsOf({ inputs }: PredictRequestMessage): object {
  return Object.fromEntries(
    Object.entries(inputs).map(([alias, proto]) => {
      try {
        return [alias, proto.toTensor(alias)];
      } catch (error) {
        return [alias, String(error)];
      }
    }),
  );
}

const COUNT = 300_000;
const letters = StringArray.from(Array.from({ length: COUNT }, (_, i) => Uint8Array.of(97 + (i % 26))));

describe('decodePredictRequestMessageInSlices', () => {
  it.each<[string, NamedTensors, boolean, number]>([
    ['strings of one byte', { x: createTensor('string', [COUNT], letters) }, false, 3],
    [
      'integers of one to ten bytes',
      { x: createTensor('int64', [COUNT], new BigInt64Array(COUNT).fill(-1n)) },
      false,
      10,
    ],
    ['numbers in tensor_content', { x: createTensor('float', [COUNT], new Float32Array(COUNT).fill(2)) }, true, 0],
    ['a packed list of floats', { x: createTensor('float', [COUNT], new Float32Array(COUNT).fill(2)) }, false, 0],
  ])('reads %s as in one go, about 65536 parts a slice', (_, inputs, asTensorContent, partsOfValue) => {
    const bytes = encodePredictRequestMessage({ modelSpec, inputs }, { asTensorContent });
    const { request, slices } = inSlices(Uint8Array.from(bytes));
    const whole = decodePredictRequestMessage(bytes);
    const again = encodePredictRequestMessage({ modelSpec, inputs: { x: request.inputs.x!.toTensor('x') } });
    const expected = encodePredictRequestMessage({ modelSpec, inputs: { x: whole.inputs.x!.toTensor('x') } });
    expect(Buffer.compare(again, expected)).toBe(0);
    expect(request.inputs.x!.hasContent).toBe(asTensorContent);
    expect(slices).toBeGreaterThanOrEqual(Math.floor((partsOfValue * COUNT) / 2 ** 16));
    if (partsOfValue === 0) expect(slices).toBe(1);
  });

  it('reads strings of tensor_content in slices', () => {
    const content = Buffer.concat([Buffer.alloc(COUNT, 1), Buffer.alloc(COUNT, 'a')]);
    const value = { dtype: 7, tensorShape: { dim: [{ size: BigInt(COUNT) }] }, tensorContent: content };
    const bytes = encodeMessage('tensorflow.serving.PredictRequest', { modelSpec, inputs: [{ key: 'x', value }] });
    const { request, slices } = inSlices(bytes);
    expect(slices).toBeGreaterThanOrEqual(4);
    expect((request.inputs.x!.toTensor('x').data as StringArray).length).toBe(COUNT);
  });

  it('reads many small inputs in slices', () => {
    const inputs = Array.from({ length: 20_000 }, (_, i) => ({ key: String(i), value: { dtype: 1, tensorShape: {} } }));
    const bytes = encodeMessage('tensorflow.serving.PredictRequest', { modelSpec, inputs });
    const { request, slices } = inSlices(bytes);
    expect(Object.keys(request.inputs)).toHaveLength(20_000);
    expect(slices).toBeGreaterThanOrEqual(10);
  });

  it('agrees with the decoder in one go, and fails where it does', () => {
    const few = { maxLength: 6 };
    const tensors = fc.record(
      {
        dtype: fc.constantFrom(1, 3, 7, 9, 10, 99),
        tensorShape: fc.record({
          dim: fc.array(fc.record({ size: fc.bigInt({ min: -1n, max: 3n }) }), { maxLength: 3 }),
        }),
        tensorContent: fc.uint8Array({ maxLength: 20 }),
        floatVal: fc.array(fc.float(), few),
        intVal: fc.array(fc.integer(), few),
        int64Val: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), few),
        stringVal: fc.array(fc.uint8Array({ maxLength: 60 }), few),
        boolVal: fc.array(fc.boolean(), few),
      },
      { requiredKeys: ['dtype', 'tensorShape'] },
    );
    const inputs = fc.array(fc.record({ key: fc.constantFrom('x', 'y', ''), value: tensors }), { maxLength: 3 });
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(inputs, changes, (list, mutations) => {
        const bytes = encodeMessage('tensorflow.serving.PredictRequest', { modelSpec, inputs: list });
        for (const [at, value] of mutations) bytes[at % bytes.length] = value;
        const read = (decode: () => PredictRequestMessage): unknown => {
          try {
            const request = decode();
            return { ...request, inputs: tensorsOf(request) };
          } catch {
            // Of two errors either may be found first.
            return 'an error';
          }
        };
        expect(read(() => inSlices(bytes).request)).toEqual(read(() => decodePredictRequestMessage(bytes)));
      }),
      { numRuns: 300 },
    );
  });
});
