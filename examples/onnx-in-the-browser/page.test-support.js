/** What the tests call in the page, which has the import map of index.html; modules beside it are served from one folder. */

import { InferenceSession, Tensor } from 'onnxruntime-web';
import { classify, loadModel } from './digits.js';
import { loadNames } from './names.js';

globalThis.inPage = {
  async digits(pixels) {
    return classify(await loadModel('/model.onnx', '/model.onnx.data'), Float32Array.from(pixels));
  },

  /** Inputs and outputs of floats, as lists that can be passed between processes. */
  async floats(model, inputs) {
    const session = await InferenceSession.create(model);
    const feeds = inputs.map(({ name, shape, data }) => [name, new Tensor('float32', Float32Array.from(data), shape)]);
    const results = Object.entries(await session.run(Object.fromEntries(feeds)));
    return results.map(([name, { dims, data }]) => ({ name, shape: [...dims], data: Array.from(data) }));
  },

  async names(rows) {
    const stages = await (await fetch('/written/names.onnx.stages.json')).json();
    return (await loadNames('/written/names.onnx', stages))(rows);
  },
};
