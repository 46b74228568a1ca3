/** The public types, as applications use them; `tsc -p tsconfig.test.json` checks them. */
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ErrorCode,
  type ModelServer,
  type ModelServerOptions,
  type PredictRequest,
  type PredictResponse,
  type ServableHandle,
  ServingError,
  type TensorLike,
  type Version,
} from './index.js';
import { createTensor, type NamedTensors, type StringArray, type Tensor, type TensorDataMap } from './tensor/index.js';

declare const server: ModelServer;
declare const tensor: Tensor;

describe('a tensor', () => {
  it('tells by its dtype the array that its data is', () => {
    if (tensor.dtype === 'float') expectTypeOf(tensor.data).toEqualTypeOf<Float32Array>();
    if (tensor.dtype === 'double') expectTypeOf(tensor.data).toEqualTypeOf<Float64Array>();
    if (tensor.dtype === 'int64') expectTypeOf(tensor.data).toEqualTypeOf<BigInt64Array>();
    if (tensor.dtype === 'uint64') expectTypeOf(tensor.data).toEqualTypeOf<BigUint64Array>();
    if (tensor.dtype === 'half') expectTypeOf(tensor.data).toEqualTypeOf<Uint16Array>();
    if (tensor.dtype === 'bool') expectTypeOf(tensor.data).toEqualTypeOf<Uint8Array>();
    if (tensor.dtype === 'string') expectTypeOf(tensor.data).toEqualTypeOf<StringArray>();
  });

  it('is created with the array of its dtype alone', () => {
    expectTypeOf(createTensor('int32', [1], new Int32Array(1))).toEqualTypeOf<Tensor<'int32'>>();
    // @ts-expect-error a float tensor holds a Float32Array
    createTensor('float', [1], new Int32Array(1));
    // @ts-expect-error no such dtype
    createTensor('float32', [1], new Float32Array(1));
  });

  it('of one dtype is a tensor, and not the other way round', () => {
    expectTypeOf<Tensor<'float'>>().toExtend<Tensor>();
    expectTypeOf<Tensor>().not.toExtend<Tensor<'float'>>();
    expectTypeOf<keyof TensorDataMap>().toEqualTypeOf<Tensor['dtype']>();
  });
});

describe('predict', () => {
  it('takes arrays, typed arrays, strings, tensors and what has the form of a tf.Tensor', () => {
    expectTypeOf<number[][]>().toExtend<TensorLike>();
    expectTypeOf<Float32Array>().toExtend<TensorLike>();
    expectTypeOf<readonly string[]>().toExtend<TensorLike>();
    expectTypeOf<{ shape: number[]; data: Uint8Array }>().toExtend<TensorLike>();
    expectTypeOf<Tensor<'bfloat16'>>().toExtend<TensorLike>();
    expectTypeOf<Date>().not.toExtend<TensorLike>();
  });

  it('resolves with tensors by name', () => {
    expectTypeOf(server.predict).parameter(0).toEqualTypeOf<PredictRequest>();
    expectTypeOf(server.predict).returns.resolves.toEqualTypeOf<PredictResponse>();
    expectTypeOf<PredictResponse['outputs']>().toEqualTypeOf<NamedTensors>();
  });

  it('refuses a misspelled option', () => {
    // @ts-expect-error it is `signatureName`
    void server.predict({ model: 'm', inputs: {}, signature: 'serving_default' });
    // @ts-expect-error the inputs are missing
    void server.predict({ model: 'm' });
  });
});

describe('ModelServer.start', () => {
  it('takes no option that does not exist, and no policy of two kinds', () => {
    expectTypeOf<ModelServerOptions>().toHaveProperty('models');
    // @ts-expect-error no such option
    const unknown: ModelServerOptions = { model: [] };
    const both: ModelServerOptions = {
      // @ts-expect-error one way to start or the other
      startPolicy: 'some',
    };
    void [unknown, both];
  });
});

describe('handles and errors', () => {
  it('narrow with a guard, and name their version', () => {
    const isNumber = (servable: unknown): servable is number => typeof servable === 'number';
    expectTypeOf(server.getServableHandle({ model: 'm' }, isNumber)).toEqualTypeOf<ServableHandle<number>>();
    expectTypeOf<Version>().toEqualTypeOf<number | bigint>();
  });

  it('have a code that a switch can exhaust', () => {
    expectTypeOf(ServingError.from('x').code).toEqualTypeOf<ErrorCode>();
    expectTypeOf<'OK'>().not.toExtend<ErrorCode>();
    expectTypeOf(ServingError.notFound('x').hint).toEqualTypeOf<string | undefined>();
  });
});
