/** The same pictures as TensorFlow Serving takes them, in base64: `node client.js MODEL_URL PICTURE`. */
import { readFile } from 'node:fs/promises';

const [model = 'http://localhost:8501/v1/models/digit_pictures', picture = 'digit.png'] = process.argv.slice(2);
const image_bytes = { b64: await readFile(picture, 'base64') };

async function post(verb, body) {
  const response = await fetch(`${model}:${verb}`, { method: 'POST', body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const { predictions } = await post('predict', { instances: [{ image_bytes }, { image_bytes }] });
console.log(predictions.map(({ label }) => label)); // [ 8, 8 ]
console.log(Buffer.from(predictions[0].seen_bytes.b64, 'base64').toString('latin1', 1, 4)); // PNG

const { results } = await post('classify', { signature_name: 'classify', examples: [{ image_bytes }] });
const [[best]] = results[0].sort(([, a], [, b]) => b - a);
console.log(best); // 8
