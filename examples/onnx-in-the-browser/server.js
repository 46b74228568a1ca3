import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';

const own = (name) => fileURLToPath(new URL(name, import.meta.url));
const runtime = dirname(fileURLToPath(import.meta.resolve('onnxruntime-web')));
const models = process.argv[2] ?? '.'; // where model.onnx and model.onnx.data are

const files = {
  '/': own('index.html'),
  '/digits.js': own('digits.js'),
  '/model.onnx': join(models, 'model.onnx'),
  '/model.onnx.data': join(models, 'model.onnx.data'),
};
for (const name of ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
  files[`/onnxruntime-web/${name}`] = join(runtime, name);
}
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const server = createServer((request, response) => {
  const file = files[request.url];
  if (file === undefined) return response.writeHead(404).end();
  response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
  pipeline(createReadStream(file), response, (error) => error && console.error(error.message));
});
server.listen(process.env.PORT ?? 8080, () => console.log(`listening on ${server.address().port}`));
