/** The files that `serving-engine install` downloads, by name. Written by `scripts/renew-known-files.mjs`. */
import type { KnownFile } from './known-files.js';

/** The version that pip downloads. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The version that npm downloads. */
export const ONNX_RUNTIME_VERSION = '1.30.0';

/** The size of its package, for showing the progress. */
export const ONNX_RUNTIME_BYTES = 113_507_888;

/** Wheels of Python's package, those to be tried first before others, archives of `@tensorflow/tfjs-node`, and `onnxruntime-node`. */
export const knownFilesTable: readonly KnownFile[] = [
  {
    file: 'onnxruntime-node-1.30.0.tgz',
    sha256: '6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75',
    provenance:
      'hashed as the registry served it; its SHA-512 was compared with the integrity that the registry lists for the package',
  },
  {
    file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    provenance:
      "hashed as the package index served it where this table was made; not compared with the publisher's list",
  },
  {
    file: 'tensorflow_cpu-2.21.0-cp313-cp313-manylinux_2_27_x86_64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow_cpu-2.21.0-cp310-cp310-manylinux_2_27_x86_64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp313-cp313-manylinux_2_27_aarch64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp313-cp313-macosx_12_0_arm64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp313-cp313-win_amd64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp312-cp312-win_amd64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp311-cp311-win_amd64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp310-cp310-manylinux_2_27_aarch64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp310-cp310-macosx_12_0_arm64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'tensorflow-2.21.0-cp310-cp310-win_amd64.whl',
    sha256: undefined,
    provenance: 'not served by the index where this table was made',
  },
  {
    file: 'libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
    sha256: undefined,
    provenance:
      'named by the install script of @tensorflow/tfjs-node 4.22.0; its host was out of reach where this table was made',
  },
  {
    file: 'libtensorflow-cpu-darwin-x86_64-2.9.1.tar.gz',
    sha256: undefined,
    provenance:
      'named by the install script of @tensorflow/tfjs-node 4.22.0; its host was out of reach where this table was made',
  },
  {
    file: 'libtensorflow-cpu-windows-x86_64-2.9.1.zip',
    sha256: undefined,
    provenance:
      'named by the install script of @tensorflow/tfjs-node 4.22.0; its host was out of reach where this table was made',
  },
  {
    file: 'libtensorflow_r2_7_linux_arm64.tar.gz',
    sha256: undefined,
    provenance:
      'named by the install script of @tensorflow/tfjs-node 4.22.0; its host was out of reach where this table was made',
  },
  {
    file: 'libtensorflow_r2_7_darwin_arm64_cpu.tar.gz',
    sha256: undefined,
    provenance:
      'named by the install script of @tensorflow/tfjs-node 4.22.0; its host was out of reach where this table was made',
  },
];
