/** The commands `install` and `doctor`: what they take. */
import { type CommandSpec, type ProgramSpec, usualExitCodes } from './command-spec.js';
import { boolFlag } from './flags.js';

/** Values by flag of `install`. */
export interface InstallFlags {
  readonly accept_unknown_file: boolean;
}

/** What `install` takes. */
export const installSpec: CommandSpec<InstallFlags> = {
  name: 'install',
  summary: 'Makes sure that the library of an engine is there: finds one, or downloads it into the cache folder.',
  operand: {
    name: 'ENGINE',
    meaning: "onnx (ONNX Runtime, about 114 MB; the default), tensorflow (TensorFlow's library, about 270 MB), or all.",
    isOptional: true,
    values: ['onnx', 'tensorflow', 'all'],
  },
  flags: {
    accept_unknown_file: boolFlag(
      false,
      'Whether a file will do whose SHA-256 is not known here, such as one of another version.',
    ),
  },
  examples: ['install', 'install tensorflow'],
  exitCodes: usualExitCodes,
};

/** What `doctor` takes. */
export const doctorSpec: CommandSpec = {
  name: 'doctor',
  summary: 'Prints which library each engine uses, whether it loads, and where else it searched.',
  flags: {},
  examples: ['doctor'],
  exitCodes: [[0, 'at least one library is usable'], [1, 'none is'], ...usualExitCodes.slice(2)],
};

/** The program with these commands alone. */
export const engineProgram: ProgramSpec = {
  name: 'serving-engine',
  summary: 'Installs the libraries of engines, and examines what is installed.',
  commands: [installSpec, doctorSpec],
  exitCodes: usualExitCodes,
};
