/** The native libraries of engines: what they are called, and where they are looked for. */

/** The engines whose library is looked up and installed here. */
export type LibraryEngine = 'onnx' | 'tensorflow';

/** Facts about one of them. */
export interface NativeLibrary {
  readonly engine: LibraryEngine;
  /** As messages call it. */
  readonly title: string;
  /** Its folder in the cache folder. */
  readonly cacheName: string;
  /** The environment variable that names a library. */
  readonly variable: string;
  /** Arguments of `serving-engine` that install it. */
  readonly installCommand: string;
  /** How much is downloaded for it, for people. */
  readonly downloadSize: string;
  /** File names of the main library, in the order of preference. */
  readonly fileNames: readonly string[];
}

/** All of them, those first that `serving-engine doctor` shows first. */
export const nativeLibraries: Readonly<Record<LibraryEngine, NativeLibrary>> = {
  onnx: {
    engine: 'onnx',
    title: 'ONNX Runtime',
    cacheName: 'onnxruntime',
    variable: 'ONNXRUNTIME_LIBRARY_PATH',
    installCommand: 'install',
    downloadSize: 'about 114 MB',
    fileNames: onnxFileNames(),
  },
  tensorflow: {
    engine: 'tensorflow',
    title: "TensorFlow's library",
    cacheName: 'libtensorflow',
    variable: 'TENSORFLOW_LIBRARY_PATH',
    installCommand: 'install tensorflow',
    downloadSize: 'about 270 MB',
    fileNames: tensorflowFileNames(),
  },
};

function onnxFileNames(): readonly string[] {
  switch (process.platform) {
    case 'win32':
      return ['onnxruntime.dll'];
    case 'darwin':
      return ['libonnxruntime.1.dylib', 'libonnxruntime.dylib'];
    default:
      return ['libonnxruntime.so.1', 'libonnxruntime.so'];
  }
}

/** The C library's before the one of Python's package, which exports the C API too. */
function tensorflowFileNames(): readonly string[] {
  switch (process.platform) {
    case 'win32':
      return ['tensorflow.dll'];
    case 'darwin':
      return ['libtensorflow.2.dylib', 'libtensorflow_cc.2.dylib'];
    default:
      return ['libtensorflow.so.2', 'libtensorflow_cc.so.2'];
  }
}
