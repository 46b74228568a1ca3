import { StagedSignature } from '@serving/onnx-compiler/stages';
import { InferenceSession, Tensor } from 'onnxruntime-web';

/** Takes what `serving onnx --stages --embed_weights` wrote: `model` as bytes or a URL, `stages` as its parsed JSON. */
export async function loadNames(model, stages) {
  const session = await InferenceSession.create(model);
  const signature = StagedSignature.open(stages);
  return async (rows) => {
    const x = { dtype: 'float', shape: [rows.length, 4], data: Float32Array.from(rows.flat()) };
    const { name } = await signature.run({ x }, (inputs) => runModel(session, inputs));
    return name.data.toStrings();
  };
}

/** ONNX Runtime calls `float` `float32`; other data types have one name in both. */
async function runModel(session, inputs) {
  const feeds = Object.entries(inputs).map(([name, { dtype, shape, data }]) => [
    name,
    new Tensor(dtype === 'float' ? 'float32' : dtype, data, shape),
  ]);
  const results = Object.entries(await session.run(Object.fromEntries(feeds)));
  return Object.fromEntries(
    results.map(([name, { type, dims, data }]) => [
      name,
      { dtype: type === 'float32' ? 'float' : type, shape: dims, data },
    ]),
  );
}
