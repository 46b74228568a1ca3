import { rolldown } from 'rolldown';

/** Makes one ES module for browsers of `names.js` and the stages, without ONNX Runtime, which the page's import map names. */
export async function bundleNames() {
  const bundle = await rolldown({
    input: new URL('names.js', import.meta.url).pathname,
    platform: 'browser',
    external: ['onnxruntime-web'],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  return output[0].code;
}
