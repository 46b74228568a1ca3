/** `serving-engine`: installs the libraries of engines and tells what is there. */
import { readFileSync } from 'node:fs';
import { ServingError } from '@serving/core';
import { type Clock, printableLine, systemClock } from '@serving/core/extend';
import { installLibrary } from '../install/install-library.js';
import { diagnose } from '../library/diagnose.js';
import { findLibrary } from '../library/find-library.js';
import { type LibraryEngine, nativeLibraries } from '../library/native-library.js';
import { diagnosisText } from './diagnosis-text.js';
import type { Output } from './output.js';
import { ProgressPrinter } from './progress-printer.js';

/** What the commands do with the library; a test gives its own. */
export interface LibraryTools {
  /** Looks for the library. */
  readonly findLibrary: typeof findLibrary;
  /** Brings it where it is missing. */
  readonly installLibrary: typeof installLibrary;
  /** Examines it. */
  readonly diagnose: typeof diagnose;
}

/** How the commands run inside another program, or a test. */
export interface EngineCommandOptions {
  /** The program's name in messages. Default: `serving-engine`. */
  readonly program?: string;
  /** The module that the engine which `doctor` tries is looked up from. Default: this package, then the main script. */
  readonly origin?: string;
  /** Default: {@link findLibrary} and its like. */
  readonly library?: LibraryTools;
  /** Ends an installation. */
  readonly signal?: AbortSignal;
  /** What the progress of an installation is timed by. Default: the machine's. */
  readonly clock?: Clock;
}

/** The lines of a usage text for the two commands. */
export const engineCommandsUsage = `\
  install [ENGINE]  Makes sure that the library of an engine is there: finds one, or downloads it into the cache folder.
             ENGINE is onnx (ONNX Runtime, about 114 MB; the default), tensorflow (TensorFlow's library, about 270 MB), or all.
             --accept_unknown_file=false  whether a file will do whose SHA-256 is not known here, such as one of another version
  doctor     Tells which library each engine uses, whether it loads, and what else was looked at. Exits with 1 when none is usable.
`;
const FAILURE = 1;
const WRONG_USAGE = 2;

/** Runs `install` or `doctor` to its end and returns its exit code: 0, 1 when it failed, 2 for an unknown command or flag. */
export async function runEngineCommand(
  argv: readonly string[],
  output: Output,
  options: EngineCommandOptions = {},
): Promise<number> {
  const { program = 'serving-engine', library = { findLibrary, installLibrary, diagnose } } = options;
  const usage = `usage: ${program} <command>\n\n${engineCommandsUsage}\n  --help     Prints this text.\n  --version  Prints the version.\n`;
  const [command, ...rest] = argv;
  if (argv.includes('--help') || argv.includes('-h')) {
    output.stdout.write(usage);
    return 0;
  }
  if (command === '--version') {
    output.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const asked = command === 'install' ? parseInstall(rest) : undefined;
  if (asked !== undefined) {
    for (const engine of asked.engines) {
      const code = await install(engine, { ...options, program, library }, asked.acceptUnknownFile, output);
      if (code !== 0) return code;
    }
    return 0;
  }
  if (command === 'doctor' && rest.length === 0) {
    const { origin } = options;
    const diagnosis = await library.diagnose(origin === undefined ? {} : { origin });
    output.stdout.write(diagnosisText(diagnosis, program));
    return diagnosis.engines.some((engine) => engine.library?.version !== undefined) ? 0 : FAILURE;
  }
  output.stderr.write(command === undefined ? usage : `${program}: unknown command "${argv.join(' ')}"\n\n${usage}`);
  return WRONG_USAGE;
}

interface InstallArguments {
  readonly engines: readonly LibraryEngine[];
  readonly acceptUnknownFile: boolean;
}

const engineArguments: Readonly<Record<string, readonly LibraryEngine[]>> = {
  onnx: ['onnx'],
  tensorflow: ['tensorflow'],
  all: ['onnx', 'tensorflow'],
};

/** `undefined` for arguments that are something else. */
function parseInstall(argv: readonly string[]): InstallArguments | undefined {
  const match = /^(\w+)?(?:^| ?)(--accept_unknown_file(?:[= ](true|false))?)?$/.exec(argv.join(' '));
  if (match === null) return undefined;
  const [, engine = 'onnx', flag, value] = match;
  const engines = Object.hasOwn(engineArguments, engine) ? engineArguments[engine] : undefined;
  return engines && { engines, acceptUnknownFile: flag !== undefined && value !== 'false' };
}

async function install(
  engine: LibraryEngine,
  {
    program,
    library,
    clock = systemClock,
    signal,
  }: EngineCommandOptions & Required<Pick<EngineCommandOptions, 'program' | 'library'>>,
  acceptUnknownFile: boolean,
  output: Output,
): Promise<number> {
  const { title, downloadSize } = nativeLibraries[engine];
  const known = await library.findLibrary({ engine }).catch(() => undefined);
  if (known) {
    output.stdout.write(`${title} is here already: ${known.path} (${known.source})\n`);
    return 0;
  }
  output.stderr.write(`${title} is not here yet; it is downloaded once, ${downloadSize}.\n`);
  const printer = new ProgressPrinter(output.stderr, clock);
  try {
    const { path } = await library.installLibrary({
      engine,
      onProgress: (progress) => printer.show(progress),
      acceptUnknownFile,
      ...(signal && { signal }),
    });
    printer.end();
    output.stdout.write(`${title} is installed: ${path}\n`);
    return 0;
  } catch (error) {
    printer.end();
    const { code, message } = ServingError.from(error);
    output.stderr.write(`${program} install: ${code}: ${printableLine(message)}\n`);
    return FAILURE;
  }
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
