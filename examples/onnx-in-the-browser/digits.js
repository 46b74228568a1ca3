import { InferenceSession, Tensor } from 'onnxruntime-web';

/** `model` and `weights` are URLs in a browser, and bytes anywhere. */
export function loadModel(model, weights) {
  return InferenceSession.create(model, { externalData: [{ path: 'model.onnx.data', data: weights }] });
}

/** Classifies pictures of 8 by 8 pixels from 0 to 1, one after the other in `pixels`. */
export async function classify(session, pixels) {
  const image = new Tensor('float32', pixels, [pixels.length / 64, 8, 8, 1]);
  const { label, probabilities } = await session.run({ image });
  const [, classes] = probabilities.dims;
  return Array.from(label.data, (digit, i) => ({
    digit: Number(digit),
    probability: probabilities.data[i * classes + Number(digit)],
  }));
}
