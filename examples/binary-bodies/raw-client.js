const model = process.argv[2] ?? 'http://localhost:8501/v1/models/digits';
const pixels = new Float32Array(2 * 8 * 8); // two images of 8×8 pixels, from 0 to 16

const response = await fetch(`${model}:predict`, {
  method: 'POST',
  headers: {
    'content-type': 'application/octet-stream',
    'serving-shape': '2,8,8,1',
    'serving-output': 'probabilities',
  },
  body: pixels,
});
if (!response.ok) throw new Error((await response.json()).error);
const probabilities = new Float32Array(await response.arrayBuffer());
console.log(response.headers.get('serving-dtype'), response.headers.get('serving-shape')); // float 2,10
console.log(probabilities.length); // 20
