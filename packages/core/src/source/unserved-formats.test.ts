import { describe, expect, it } from 'vitest';
import { unservedFileHint } from './unserved-formats.js';

const savedModelPage = '(docs/guides/make-a-savedmodel.md)';
const onnx = "and serve it with platform: 'onnx' (docs/guides/pytorch-and-scikit-learn.md)";

describe('unservedFileHint', () => {
  it.each([
    [
      'model.keras',
      `a Keras file: in Python, keras.saving.load_model("/m/1/model.keras").export("/m/1") ${savedModelPage}`,
    ],
    ['model.h5', `a Keras file: in Python, keras.saving.load_model("/m/1/model.h5").export("/m/1") ${savedModelPage}`],
    [
      'model.tflite',
      `a TensorFlow Lite model, which does not convert back: export the model that it was made of, model.export("/m/1") ${savedModelPage}`,
    ],
    [
      'model.json',
      `a TensorFlow.js model: export the model that it was made of, model.export("/m/1") ${savedModelPage}`,
    ],
    [
      'frozen_inference_graph.pb',
      'a frozen graph: name its inputs and outputs and write a SavedModel to "/m/1" (docs/guides/make-a-savedmodel.md#frozen-graphs)',
    ],
    ['model.onnx', "an ONNX model: serve it with platform: 'onnx'"],
    ['net.onnx', `an ONNX model: name it "/m/1/model.onnx", and serve it with platform: 'onnx'`],
    ['model.pt', `a PyTorch checkpoint: torch.onnx.export(model, (example,), "/m/1/model.onnx"), ${onnx}`],
    [
      'model.ckpt-100.index',
      `a TensorFlow checkpoint: weights without signatures: restore it in its program, then tf.saved_model.save(model, "/m/1") ${savedModelPage}`,
    ],
    [
      'model.safetensors',
      `weights without a graph: load them into their model, then torch.onnx.export(model, (example,), "/m/1/model.onnx"), ${onnx}`,
    ],
    [
      'model.joblib',
      `a pickled Python object: write skl2onnx.to_onnx(model, X[:1]).SerializeToString() to "/m/1/model.onnx", ${onnx}`,
    ],
  ])('names the format of %s and the fix', (name, hint) => {
    expect(unservedFileHint('/m/1', ['notes.txt', name])).toBe(`"/m/1/${name}" is ${hint}`);
  });

  it.each([['notes.txt'], ['saved_model.pb']])('is undefined for %s', (name) => {
    expect(unservedFileHint('/m/1', [name])).toBeUndefined();
  });
});
