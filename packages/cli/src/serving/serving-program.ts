/** The commands of `serving`: what they take. Their code is loaded when one runs. */
import { doctorSpec, installSpec, type ProgramSpec, usualExitCodes } from '@serving/engine/command';
import { benchSpec } from './bench/bench-spec.js';
import { genClientSpec, typesSpec } from './clients/client-specs.js';
import { completionSpec } from './completion/completion-spec.js';
import { onnxSpec } from './onnx/onnx-spec.js';
import { openApiSpec } from './openapi/openapi-spec.js';
import { serveSpec } from './serve/serve-spec.js';
import { tuneSpec } from './tune/tune-spec.js';
import { warmupSpec } from './warmup/warmup-spec.js';

export const servingProgram: ProgramSpec = {
  name: 'serving',
  summary: 'Serves folders of models, installs engines, and writes warm-up files, types, clients and ONNX models.',
  commands: [
    serveSpec,
    installSpec,
    doctorSpec,
    warmupSpec,
    typesSpec,
    genClientSpec,
    openApiSpec,
    benchSpec,
    tuneSpec,
    onnxSpec,
    completionSpec,
  ],
  exitCodes: usualExitCodes,
};
