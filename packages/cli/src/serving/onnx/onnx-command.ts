/** `serving onnx`: prints what a SavedModel's signatures compile to, writes one as an ONNX model, compares it with TensorFlow. */
import { ServingError } from '@serving/core';
import { DEFAULT_SIGNATURE_NAME, printableLine, quoteName } from '@serving/core/extend';
import { findLibrary } from '@serving/engine';
import type { Output } from '@serving/engine/command';
import { type CompiledSavedModel, compileSavedModelInThread, exportSignature } from '@serving/onnx-compiler';
import { commandFailure } from '../command-failure.js';
import { findVersionFolder } from '../version-folder.js';
import { bytesText, compiledText, tensorText } from './compiled-text.js';
import type { OnnxFlags } from './onnx-spec.js';
import { verifyModel } from './verify-model.js';
import { weightsFileName, writeOnnxModel } from './write-onnx-model.js';

/** Returns the exit code: 0, or 1 when nothing compiles or answers differ, or with the reason on stderr. */
export async function onnx(
  folder: string,
  flags: OnnxFlags,
  output: Output,
  find: typeof findLibrary = findLibrary,
): Promise<number> {
  try {
    // Before the work, which would be lost without the library.
    if (flags.verify) await find({ engine: 'tensorflow' });
    const directory = await findVersionFolder(folder);
    if (flags.verify && !(await verify(directory, flags, output))) return 1;
    if (flags.out !== '') await write(directory, flags, output);
    else if (!flags.verify) output.stdout.write(compiledText(await compile(directory, flags)));
    return 0;
  } catch (error) {
    output.stderr.write(commandFailure('onnx', error));
    return 1;
  }
}

/** Compares the signature that is written, or all. */
async function verify(directory: string, flags: OnnxFlags, { stdout }: Output): Promise<boolean> {
  const { programs, refused } = await compile(directory, flags.out === '' ? flags : withSignature(flags));
  const verified = await verifyModel(directory, programs, {
    tags: flags.saved_model_tags.split(','),
    seed: flags.seed,
    tolerance: { absolute: flags.absolute_tolerance, relative: flags.relative_tolerance },
  });
  for (const { text } of verified) stdout.write(text);
  if (refused.length > 0) stdout.write(compiledText({ programs: [], refused }));
  return verified.every(({ agrees }) => agrees);
}

const withSignature = (flags: OnnxFlags): OnnxFlags =>
  flags.signature_name === '' ? { ...flags, signature_name: DEFAULT_SIGNATURE_NAME } : flags;

/** @throws ServingError `UNIMPLEMENTED` with every reason when nothing compiles, `NOT_FOUND` for an unknown signature. */
async function compile(
  directory: string,
  { signature_name, saved_model_tags }: OnnxFlags,
): Promise<CompiledSavedModel> {
  const compiled = await compileSavedModelInThread(directory, saved_model_tags.split(','), {
    ...(signature_name !== '' && { signatures: [signature_name] }),
  });
  if (compiled.programs.length > 0) return compiled;
  throw ServingError.notFound(`Signature ${quoteName(signature_name)} not found in ${directory}`);
}

async function write(directory: string, flags: OnnxFlags, { stdout }: Output): Promise<void> {
  const { out, embed_weights, core, stages, saved_model_tags, signature_name: signature } = withSignature(flags);
  const exported = await exportSignature(directory, saved_model_tags.split(','), signature, {
    core,
    stages,
    weightsFile: embed_weights ? undefined : weightsFileName(out),
  });
  for (const { path, bytes } of await writeOnnxModel(exported, out)) {
    stdout.write(`${path} is written, ${bytesText(bytes)}\n`);
  }
  for (const input of exported.inputs) stdout.write(`  input ${tensorText(input.name, input)}\n`);
  for (const result of exported.outputs) stdout.write(`  output ${tensorText(result.name, result)}\n`);
  for (const operation of exported.leftOut) stdout.write(`  left out: ${printableLine(operation)}\n`);
}
