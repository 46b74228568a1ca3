/** Sessions on compiled signatures that another thread has loaded. Loaded by its URL in serving threads. */
import { fromPlainError } from '@serving/core/internal';
import type { Session, SharedSessionModule } from '@serving/engine';
import { compileSavedModelInThread, type Program, revivedProgram } from '@serving/onnx-compiler';
import { sharedOnnxContext } from '../open-onnx-context.js';
import { compileProgramOf } from './compile-program.js';
import { ProgramSession } from './program-session.js';
import type { ProgramSource, SharedProgram, SharedProgramSession } from './shared-program.js';

export const openSharedSession: SharedSessionModule['openSharedSession'] = async (data): Promise<Session> => {
  const { context, options, source, programs, models, refused } = data as SharedProgramSession;
  return ProgramSession.load(await openPrograms(programs, source), {
    context: await sharedOnnxContext(context),
    options,
    source,
    shared: models,
    compile: compileProgramOf(source),
    refused: refused.map(({ error, ...run }) => ({ ...run, error: fromPlainError(error) })),
  });
};

/** In their order. */
async function openPrograms(shared: readonly SharedProgram[], source: ProgramSource): Promise<Program[]> {
  const signatures = shared.flatMap((each) => ('signature' in each ? [each.signature] : []));
  const { directory, tags, options } = source;
  const compiled =
    signatures.length === 0
      ? []
      : (await compileSavedModelInThread(directory, tags, { ...options, signatures })).programs;
  const bySignature = new Map(compiled.map((program) => [program.signature, program]));
  return shared.flatMap((each) =>
    'program' in each ? [revivedProgram(each.program)] : (bySignature.get(each.signature) ?? []),
  );
}
