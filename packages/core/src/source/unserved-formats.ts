/** Files of formats that are not served, and the line of code that makes a served one of them: pure rules on file names. */

/** What an ONNX model needs in a server's configuration, as the API writes it. Commands put their flag in its place. */
export const WITH_ONNX_PLATFORM = " with platform: 'onnx'";

interface UnservedFormat {
  /** Of the file's name. */
  readonly ends: RegExp;
  readonly title: string;
  /** @param target the version folder to write */
  readonly fix: (target: string, file: string) => string;
}

const SAVED_MODEL_PAGE = 'docs/guides/make-a-savedmodel.md';
const ONNX_PAGE = 'docs/guides/pytorch-and-scikit-learn.md';

/** The first that fits counts. */
const FORMATS: readonly UnservedFormat[] = [
  {
    ends: /\.(?:keras|h5|hdf5)$/i,
    title: 'a Keras file',
    fix: (target, file) => `in Python, keras.saving.load_model("${file}").export("${target}") (${SAVED_MODEL_PAGE})`,
  },
  {
    ends: /\.tflite$/i,
    title: 'a TensorFlow Lite model, which does not convert back',
    fix: (target) => `export the model that it was made of, model.export("${target}") (${SAVED_MODEL_PAGE})`,
  },
  {
    ends: /^model\.json$/i,
    title: 'a TensorFlow.js model',
    fix: (target) => `export the model that it was made of, model.export("${target}") (${SAVED_MODEL_PAGE})`,
  },
  {
    ends: /(?<!^saved_model)\.pb$/i,
    title: 'a frozen graph',
    fix: (target) =>
      `name its inputs and outputs and write a SavedModel to "${target}" (${SAVED_MODEL_PAGE}#frozen-graphs)`,
  },
  {
    ends: /\.onnx$/i,
    title: 'an ONNX model',
    fix: (target, file) => {
      const path = `${target}/model.onnx`;
      return file === path ? `serve it${WITH_ONNX_PLATFORM}` : `name it "${path}", and serve it${WITH_ONNX_PLATFORM}`;
    },
  },
  {
    ends: /\.(?:pt|pth|ckpt)$/i,
    title: 'a PyTorch checkpoint',
    fix: (target) =>
      `torch.onnx.export(model, (example,), "${target}/model.onnx"), and serve it${WITH_ONNX_PLATFORM} (${ONNX_PAGE})`,
  },
  {
    ends: /\.ckpt.*\.(?:index|meta)$/i,
    title: 'a TensorFlow checkpoint: weights without signatures',
    fix: (target) => `restore it in its program, then tf.saved_model.save(model, "${target}") (${SAVED_MODEL_PAGE})`,
  },
  {
    ends: /\.safetensors$/i,
    title: 'weights without a graph',
    fix: (target) =>
      `load them into their model, then torch.onnx.export(model, (example,), "${target}/model.onnx"), ` +
      `and serve it${WITH_ONNX_PLATFORM} (${ONNX_PAGE})`,
  },
  {
    ends: /\.(?:pkl|pickle|joblib)$/i,
    title: 'a pickled Python object',
    fix: (target) =>
      `write skl2onnx.to_onnx(model, X[:1]).SerializeToString() to "${target}/model.onnx", ` +
      `and serve it${WITH_ONNX_PLATFORM} (${ONNX_PAGE})`,
  },
];

/**
 * What to do about a folder, or a file, that should be a version and holds a model of another format. `undefined` where no name is known.
 *
 * @param names of the files in `folder`
 * @param target the version folder to write. Default: `folder`.
 */
export function unservedFileHint(
  folder: string,
  names: readonly string[],
  target: string = folder,
): string | undefined {
  for (const { ends, title, fix } of FORMATS) {
    const name = names.find((candidate) => ends.test(candidate));
    if (name !== undefined) return `"${folder}/${name}" is ${title}: ${fix(target, `${folder}/${name}`)}`;
  }
  return undefined;
}
