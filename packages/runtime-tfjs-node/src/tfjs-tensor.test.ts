import { expect, it } from 'vitest';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import { describeWithAddon } from './addon.test-support.js';
import { packageUrl, runModule } from './child-process.test-support.js';

/** The process that tests run in has import conditions that tfjs's own packages don't stand, so tfjs gets its own. */
const prelude = `
  import { createRequire } from 'node:module';
  import { fromTfjsTensor, toTfjsTensor } from ${JSON.stringify(packageUrl)};
  import { createTensor, StringArray } from '@serving/core/tensor';
  const require = createRequire(${JSON.stringify(packageUrl)});
  const util = require('node:util');
  util.isNullOrUndefined = (value) => value == null;
  util.isArray = Array.isArray;
  process.env.TF_CPP_MIN_LOG_LEVEL = '3';
  console.warn = () => {};
  const tf = require('@tensorflow/tfjs-node');
  const plain = ({ dtype, shape, data }) => ({
    dtype,
    shape,
    data: data instanceof StringArray
      ? Array.from({ length: data.length }, (_, i) => Buffer.from(data.at(i)).toString('hex'))
      : Array.from(data, String),
  });
  const print = (value) => process.stdout.write(JSON.stringify(value));
`;

async function evaluate(text: string): Promise<unknown> {
  const { code, stdout, stderr } = await runModule(prelude + text);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describeWithAddon('toTfjsTensor', () => {
  it('keeps what tfjs can hold, there and back', async () => {
    const tensors = `[
      createTensor('float', [2, 1], Float32Array.of(0.5, NaN)),
      createTensor('int32', [], Int32Array.of(-7)),
      createTensor('bool', [3], Uint8Array.of(1, 0, 1)),
      createTensor('complex64', [2], Float32Array.of(1, 2, 3, -4)),
      createTensor('string', [3], StringArray.from(['', 'Größe', Uint8Array.of(0xff, 0)])),
      createTensor('float', [0, 3], new Float32Array(0)),
      createTensor('string', [0], StringArray.from([])),
    ]`;
    const result = await evaluate(`
      const tensors = ${tensors};
      const back = [];
      for (const tensor of tensors) {
        const made = toTfjsTensor(tf, tensor);
        back.push({ ...plain(await fromTfjsTensor(made)), tfjs: made.dtype });
        made.dispose();
      }
      print({ before: tensors.map(plain), back, tensorsLeft: tf.memory().numTensors });
    `);
    const { before, back, tensorsLeft } = result as { before: object[]; back: { tfjs: string }[]; tensorsLeft: number };
    expect(back.map(({ tfjs: _, ...tensor }) => tensor)).toEqual(before);
    expect(back.map(({ tfjs }) => tfjs)).toEqual([
      'float32',
      'int32',
      'bool',
      'complex64',
      'string',
      'float32',
      'string',
    ]);
    expect(tensorsLeft).toBe(0);
  });

  it('widens small integers to int32 and refuses what would not stay the same', async () => {
    const result = await evaluate(`
      const values = [
        createTensor('int8', [1], Int8Array.of(-128)),
        createTensor('uint16', [1], Uint16Array.of(65535)),
        createTensor('int64', [1], BigInt64Array.of(-(2n ** 31n))),
        createTensor('int64', [1], BigInt64Array.of(2n ** 31n)),
        createTensor('uint32', [1], Uint32Array.of(2 ** 32 - 1)),
        createTensor('double', [1], Float64Array.of(0.1)),
      ];
      const answers = [];
      for (const value of values) {
        try {
          answers.push(plain(await fromTfjsTensor(toTfjsTensor(tf, value))).data[0]);
        } catch (error) {
          answers.push(error.code);
        }
      }
      print(answers);
    `);
    expect(result).toEqual(['-128', '65535', '-2147483648', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'UNIMPLEMENTED']);
  });
});

describeWithAddon('fromTfjsTensor', () => {
  it("takes the int64 results of tf.node's own SavedModels as int64, and copies", async () => {
    const result = await evaluate(`
      const model = await tf.node.loadSavedModel(${JSON.stringify(fixturePath('digits', 2))});
      const { label } = model.predict({ image: tf.zeros([2, 8, 8, 1]) });
      const values = Float32Array.of(1, 2);
      const source = tf.tensor(values);
      const copy = await fromTfjsTensor(source);
      values[0] = 5;
      print([(await fromTfjsTensor(label)).dtype, plain(copy).data]);
    `);
    expect(result).toEqual(['int64', ['1', '2']]);
  });

  it('refuses a disposed tensor', async () => {
    const result = await evaluate(`
      const tensor = tf.scalar(1);
      tensor.dispose();
      print(await fromTfjsTensor(tensor).catch((error) => error.code));
    `);
    expect(result).toBe('INVALID_ARGUMENT');
  });
});
