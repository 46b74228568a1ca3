import { ServingError } from '@serving/core';
import type { Session } from '@serving/engine';
import { readMetaGraph } from '@serving/protos/saved-model';
import { describe, expect, it } from 'vitest';
import {
  type CompilerFixture,
  type CompilerFixtureCase,
  compilerFixtures,
} from '../../onnx-compiler/src/fixtures.test-support.js';
import { onnxRuntime } from './onnx-runtime.js';
import { type Answer, difference } from './parity/compare.test-support.js';

/** Of whole networks. */
const TOLERANCE = { relative: 1e-4, absolute: 1e-5 };

const runtime = onnxRuntime();
const fixtures = compilerFixtures();

async function answer(
  { directory }: CompilerFixture,
  session: Session,
  { signature, inputs, outputs }: CompilerFixtureCase,
): Promise<Answer> {
  const { signatureDefs } = await readMetaGraph(directory, ['serve']);
  const infos = signatureDefs.get(signature)!;
  const aliases = Object.keys(inputs);
  const fetches = Object.keys(outputs).length > 0 ? Object.keys(outputs) : [...infos.outputs.keys()];
  try {
    const run = session.prepare(
      aliases.map((alias) => infos.inputs.get(alias)!.name!),
      fetches.map((alias) => infos.outputs.get(alias)!.name!),
    );
    return await run.run(aliases.map((alias) => inputs[alias]!));
  } catch (error) {
    const { code, message } = ServingError.from(error);
    return { code, message };
  }
}

describe.each(fixtures.filter(({ refused }) => refused === undefined))('$name', (fixture) => {
  it.each(fixture.cases)('answers $name as TensorFlow does', async (row) => {
    const session = await runtime.load(fixture.directory, ['serve'], {});
    try {
      const expected = row.error ? { code: row.error, message: '' } : Object.values(row.outputs);
      expect(difference(expected, await answer(fixture, session, row), TOLERANCE)).toBeUndefined();
    } finally {
      await session.close();
    }
  });
});

it.each(fixtures.filter(({ refused }) => refused !== undefined))('$name is refused at load', async (fixture) => {
  await expect(runtime.load(fixture.directory, ['serve'], {})).rejects.toMatchObject({
    code: 'UNIMPLEMENTED',
    message: expect.stringContaining(fixture.refused!),
  });
});
