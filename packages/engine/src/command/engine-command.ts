/** `serving-engine`: installs the libraries of engines and prints which are installed. */
import { readFileSync } from 'node:fs';
import { type Clock, printableLine, systemClock } from '@serving/core/extend';
import { ServingError } from '@serving/core/portable';
import { type LibraryEngine, nativeLibraries } from '../library/native-library.js';
import { diagnosisText } from './diagnosis-text.js';
import { doctorSpec, engineProgram, type InstallFlags } from './engine-specs.js';
import type { LibraryTools } from './library-tools.js';
import type { Output } from './output.js';
import { findCommand, readCommandLine } from './parse-command.js';
import { ProgressPrinter } from './progress-printer.js';

/** How the commands run inside another program, or a test. */
export interface EngineCommandOptions {
  /** The program's name in messages. Default: `serving-engine`. */
  readonly program?: string;
  /** The module that the engine which `doctor` tries is looked up from. Default: this package, then the main script. */
  readonly origin?: string;
  /** Default: the library's own. */
  readonly library?: LibraryTools;
  /** Ends an installation. */
  readonly signal?: AbortSignal;
  /** What the progress of an installation is timed by. Default: the machine's. */
  readonly clock?: Clock;
}

const FAILURE = 1;

/** Runs `install` or `doctor` to its end and returns its exit code: 0, 1 when it failed, 2 for an unknown command or flag. */
export async function runEngineCommand(
  argv: readonly string[],
  output: Output,
  options: EngineCommandOptions = {},
): Promise<number> {
  const { program = engineProgram.name } = options;
  if (argv[0] === '--version') {
    output.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const spec = findCommand({ ...engineProgram, name: program }, argv, output);
  if (typeof spec === 'number') return spec;
  const parsed = readCommandLine(program, spec, argv.slice(1), output);
  if (typeof parsed === 'number') return parsed;
  const library = options.library ?? (await import('./library-tools.js')).libraryTools;
  if (spec === doctorSpec) return doctor(program, library, options.origin, output);
  const { accept_unknown_file: acceptUnknownFile } = parsed.values as InstallFlags;
  for (const engine of enginesOf(parsed.operand)) {
    const code = await install(engine, { ...options, program, library }, acceptUnknownFile, output);
    if (code !== 0) return code;
  }
  return 0;
}

function enginesOf(operand: string): readonly LibraryEngine[] {
  if (operand === 'all') return ['onnx', 'tensorflow'];
  return [operand === 'tensorflow' ? 'tensorflow' : 'onnx'];
}

async function doctor(
  program: string,
  library: LibraryTools,
  origin: string | undefined,
  { stdout }: Output,
): Promise<number> {
  const diagnosis = await library.diagnose(origin === undefined ? {} : { origin });
  stdout.write(diagnosisText(diagnosis, program));
  return diagnosis.engines.some((engine) => engine.library?.version !== undefined) ? 0 : FAILURE;
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
