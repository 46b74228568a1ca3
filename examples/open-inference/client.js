import { createTensor } from '@serving/core/tensor';
import { OpenInferenceClient } from '@serving/open-inference/client';

const client = new OpenInferenceClient(process.argv[2] ?? 'http://localhost:8501');
const x = createTensor('float', [3], Float32Array.of(1, 2, 5));
const { version, outputs } = await client.infer({ model: 'half_plus_two', inputs: { x } });
console.log(version, outputs.y.data); // 123 Float32Array(3) [ 2.5, 3, 4.5 ]
