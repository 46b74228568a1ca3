/** `serving`: serves folders, installs engines, measures models, and writes warm-up files, types, clients and ONNX models. */
import type { Logger } from '@serving/core/extend';
import {
  type CommandSpec,
  type EngineCommandOptions,
  findCommand,
  type Output,
  readCommandLine,
  runEngineCommand,
} from '@serving/engine/command';
import { packageVersion } from '../package-version.js';
import { benchSpec } from './bench/bench-spec.js';
import { genClientSpec, typesSpec } from './clients/client-specs.js';
import { completionSpec } from './completion/completion-spec.js';
import { onnxSpec } from './onnx/onnx-spec.js';
import { openApiSpec } from './openapi/openapi-spec.js';
import { serveSpec } from './serve/serve-spec.js';
import { servingProgram } from './serving-program.js';
import { tuneSpec } from './tune/tune-spec.js';
import { warmupSpec } from './warmup/warmup-spec.js';

/** For those who run the command inside their own program, or a test: what `install` and `doctor` work with. */
export interface ServingCommandOptions extends Omit<EngineCommandOptions, 'program'> {
  /** Called with the log of `serve` before anything is logged. */
  readonly onLogger?: (logger: Logger) => void;
}

/** Runs a command to its end and gives its exit code: 0, 1 when it failed, 2 for a command line that isn't understood. */
export async function runServing(
  argv: readonly string[],
  output: Output,
  options: ServingCommandOptions = {},
): Promise<number> {
  const [command, ...rest] = argv;
  if (command === '--version') {
    output.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const found = findCommand(servingProgram, argv, output);
  if (typeof found === 'number') return found;
  if (found.name === 'install' || found.name === 'doctor') {
    return runEngineCommand(argv, output, { origin: import.meta.url, ...options, program: 'serving' });
  }
  const runs = commandRuns.find(({ spec }) => spec === found);
  return runs!.run(rest, output, options);
}

interface CommandRun {
  readonly spec: CommandSpec;
  run(argv: readonly string[], output: Output, options: ServingCommandOptions): Promise<number>;
}

/** A command whose code is loaded once its command line is understood. */
function commandRun<Values extends object>(
  spec: CommandSpec<Values>,
  run: (values: Values, operand: string, output: Output, options: ServingCommandOptions) => Promise<number>,
): CommandRun {
  return {
    spec,
    run: async (argv, output, options) => {
      const parsed = readCommandLine(servingProgram.name, spec, argv, output, servingProgram.commands);
      return typeof parsed === 'number' ? parsed : run(parsed.values, parsed.operand, output, options);
    },
  };
}

const commandRuns: readonly CommandRun[] = [
  commandRun(serveSpec, async (values, folder, output, { signal, onLogger }) => {
    const { serve } = await import('./serve/serve-command.js');
    return serve(folder, values, output, signal, onLogger);
  }),
  commandRun(warmupSpec, async (values, _, output) => {
    const { warmup } = await import('./warmup/warmup-command.js');
    return warmup(values, output);
  }),
  commandRun(typesSpec, async (values, folder, output) => {
    const { types } = await import('./clients/types-command.js');
    return types(folder, values, output);
  }),
  commandRun(genClientSpec, async (values, source, output, { signal }) => {
    const { genClient } = await import('./clients/gen-client-command.js');
    return genClient(source, values, output, signal);
  }),
  commandRun(openApiSpec, async (values, source, output, { signal }) => {
    const { openApi } = await import('./openapi/openapi-command.js');
    return openApi(source, values, output, signal);
  }),
  commandRun(benchSpec, async (values, source, output, { signal }) => {
    const { bench } = await import('./bench/bench-command.js');
    return bench(source, values, output, signal);
  }),
  commandRun(tuneSpec, async (values, folder, output, { signal }) => {
    const { tune } = await import('./tune/tune-command.js');
    return tune(folder, values, output, signal);
  }),
  commandRun(onnxSpec, async (values, folder, output, { library }) => {
    const { onnx } = await import('./onnx/onnx-command.js');
    return onnx(folder, values, output, library?.findLibrary);
  }),
  commandRun(completionSpec, async (_, shell, { stdout }) => {
    const { completionScript } = await import('./completion/completion-script.js');
    stdout.write(completionScript(shell));
    return 0;
  }),
];
