import {
  decodeClassificationResponse,
  decodeRegressionResponse,
  encodeClassificationRequest,
  encodeRegressionRequest,
} from '@serving/json-codec';

const model = process.argv[2] ?? 'http://localhost:8501/v1/models/half_plus_two';

async function post(verb, body) {
  const response = await fetch(`${model}:${verb}`, { method: 'POST', body });
  return [new Uint8Array(await response.arrayBuffer()), { httpStatus: response.status }];
}

// Numbers are float features (1 too), bigints and booleans int64 ones, strings and Uint8Arrays bytes.
const input = { examples: [{ x: 1 }, { x: 5, city: 'Ulm', visits: 3n }] };

const { values } = decodeRegressionResponse(...(await post('regress', encodeRegressionRequest(input))));
console.log(values); // Float32Array(2) [ 2.5, 4.5 ]

const classified = await post('classify', encodeClassificationRequest(input));
const { numClasses, labels, scores } = decodeClassificationResponse(...classified);
for (let i = 0; i < input.examples.length; i++) {
  const classes = labels.subarray(i * numClasses, (i + 1) * numClasses).toStrings();
  console.log(classes, scores.subarray(i * numClasses, (i + 1) * numClasses)); // [ 'y' ] Float32Array(1) [ 2.5 ]
}
