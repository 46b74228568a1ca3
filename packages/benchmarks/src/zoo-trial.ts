/**
 * Has ONNX Runtime answer every case of a zoo, which is a folder of SavedModels with TensorFlow's answers, and prints what passed, was
 * refused and failed, by tier: `node dist/zoo-trial.js FOLDER [NAME or TIER …]`. Ends with code 1 when a model fails.
 *
 * `FOLDER/zoo.json` describes the models: `{ NAME: { tier, verdict, cases: [{ case, signature, error }] } }`, where the verdict is
 * `map`, `stages` or `refuse`; `FOLDER/NAME/1` holds a model, `FOLDER/NAME/cases.npz` its inputs and answers.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import { type CompiledSavedModel, compileSavedModel, type Program } from '@serving/onnx-compiler';
import { onnxRuntime } from '@serving/runtime-onnx';
import { acceptedReason } from './zoo/accepted-differences.js';
import { answerDifference } from './zoo/answer-difference.js';
import { readCaseTensors } from './zoo/case-tensors.js';

interface ZooCase {
  readonly case: string;
  readonly signature: string;
  /** TensorFlow's code, as `InvalidArgument`, where it fails. */
  readonly error?: string | null;
}

interface ZooModel {
  readonly tier: string;
  readonly verdict: 'map' | 'stages' | 'refuse';
  readonly cases: readonly ZooCase[];
}

interface Tally {
  passed: number;
  refused: number;
  failed: number;
}

/** As many differences of a model are printed. */
const MAX_PRINTED = 5;

const [folder, ...chosen] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node zoo-trial.js FOLDER [NAME or TIER …]');
const zoo = JSON.parse(await readFile(join(folder, 'zoo.json'), 'utf8')) as Readonly<Record<string, ZooModel>>;
const runtime = onnxRuntime({ runMode: 'inline' });

async function compiled(directory: string): Promise<CompiledSavedModel | ServingError> {
  try {
    return await compileSavedModel(directory, ['serve']);
  } catch (error) {
    return ServingError.from(error, 'INTERNAL');
  }
}

/** What differs from TensorFlow's answers, a line each. */
async function differences(name: string, { cases }: ZooModel, programs: readonly Program[]): Promise<string[]> {
  const session = await runtime.load(join(folder!, name, '1'), ['serve'], {});
  const tensors = await readCaseTensors(join(folder!, name, 'cases.npz'));
  const found: string[] = [];
  for (const each of cases) {
    const program = programs.find(({ signature }) => signature === each.signature);
    if (program === undefined) {
      found.push(`${each.case}: signature "${each.signature}" is refused`);
      continue;
    }
    const expectedCode = each.error?.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
    try {
      const fed = program.inputs.filter(({ alias }) => tensors.has(`${each.case}/in/${alias}`));
      const run = session.prepare(
        fed.map(({ tensor }) => tensor),
        program.outputs.map(({ tensor }) => tensor),
      );
      const values = fed.map(({ alias }) => tensors.get(`${each.case}/in/${alias}`)!);
      // The third run of the same shapes writes its outputs into memory that is kept.
      for (let i = 0; i < 2; i++) await run.run(values);
      const results = await run.run(values);
      if (expectedCode !== undefined) found.push(`${each.case}: answers, TensorFlow fails with ${expectedCode}`);
      for (const [i, { alias }] of program.outputs.entries()) {
        const expected = tensors.get(`${each.case}/out/${alias}`);
        const difference = expected && answerDifference(expected, results[i]!);
        if (difference !== undefined) found.push(`${each.case}/${alias}: ${difference}`);
      }
    } catch (error) {
      const { code, message } = ServingError.from(error, 'INTERNAL');
      if (code !== expectedCode)
        found.push(`${each.case}: ${code} ${message} (TensorFlow: ${expectedCode ?? 'answers'})`);
    }
  }
  await session.close();
  return found;
}

async function tryModel(name: string, model: ZooModel): Promise<{ outcome: keyof Tally; lines: readonly string[] }> {
  const result = await compiled(join(folder!, name, '1'));
  if (result instanceof ServingError) {
    const isExpected = result.code === 'UNIMPLEMENTED' && model.verdict === 'refuse';
    return { outcome: isExpected ? 'refused' : 'failed', lines: isExpected ? [] : [result.message] };
  }
  if (model.verdict === 'refuse') {
    return result.refused.length > 0
      ? { outcome: 'refused', lines: [] }
      : { outcome: 'failed', lines: ['it is compiled, though it should be refused'] };
  }
  const found = await differences(name, model, result.programs);
  const lines = found.filter((line) => acceptedReason(name, line) === undefined);
  return { outcome: lines.length === 0 ? 'passed' : 'failed', lines };
}

const tiers: Record<string, Tally> = {};
for (const [name, model] of Object.entries(zoo)) {
  if (chosen.length > 0 && !chosen.includes(name) && !chosen.includes(model.tier)) continue;
  const { outcome, lines } = await tryModel(name, model).catch((error: unknown) => ({
    outcome: 'failed' as const,
    lines: [ServingError.from(error, 'INTERNAL').message],
  }));
  tiers[model.tier] ??= { passed: 0, refused: 0, failed: 0 };
  tiers[model.tier]![outcome]++;
  if (outcome !== 'failed') continue;
  console.log(`${name} (${model.tier}, ${model.verdict}) fails:`);
  for (const line of lines.slice(0, MAX_PRINTED)) console.log(`  ${line.replaceAll('\n', '\n  ')}`);
  if (lines.length > MAX_PRINTED) console.log(`  and ${lines.length - MAX_PRINTED} more`);
}
console.table(tiers);
process.exitCode = Object.values(tiers).some(({ failed }) => failed > 0) ? 1 : 0;
