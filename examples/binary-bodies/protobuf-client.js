import { createTensor } from '@serving/core/tensor';
import { decodePredictResponseMessage, encodePredictRequestMessage } from '@serving/protos/messages';

const model = process.argv[2] ?? 'http://localhost:8501/v1/models/digits';
const image = createTensor('float', [2, 8, 8, 1], new Float32Array(2 * 8 * 8));

const response = await fetch(`${model}:predict`, {
  method: 'POST',
  headers: { 'content-type': 'application/x-protobuf' },
  body: encodePredictRequestMessage(
    { modelSpec: { name: '', signatureName: 'serving_default' }, inputs: { image } },
    { asTensorContent: true },
  ),
});
if (!response.ok) throw new Error((await response.json()).error);
const { modelSpec, outputs } = decodePredictResponseMessage(new Uint8Array(await response.arrayBuffer()));
console.log(modelSpec.name, modelSpec.version); // digits 2
console.log(outputs.label.toTensor('label').shape, outputs.probabilities.toTensor('probabilities').shape); // [ 2 ] [ 2, 10 ]
