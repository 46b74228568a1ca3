/** The SavedModels of `fixtures`, with TensorFlow's answers. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StatusCode } from '@serving/core';
import { decodeNpy, decodeNpz } from '@serving/core/npy';
import type { Tensor } from '@serving/core/tensor';

/** A request to a fixture, and TensorFlow's outputs or the code of its error. */
export interface CompilerFixtureCase {
  readonly name: string;
  readonly signature: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly error?: StatusCode;
}

/** A SavedModel. */
export interface CompilerFixture {
  readonly name: string;
  readonly tier: string;
  /** The version folder. */
  readonly directory: string;
  /** What the refusal says; `undefined` for models that run. */
  readonly refused?: string;
  readonly cases: readonly CompilerFixtureCase[];
}

interface Described {
  readonly tier: string;
  readonly verdict: 'runs' | 'refused';
  readonly reason?: string;
  readonly cases: readonly { readonly name: string; readonly signature: string; readonly error?: StatusCode }[];
}

const folder = new URL('../fixtures/', import.meta.url);

/** Reads all fixtures. */
export function compilerFixtures(): CompilerFixture[] {
  const described: Record<string, Described> = JSON.parse(readFileSync(new URL('fixtures.json', folder), 'utf8'));
  return Object.entries(described).map(([name, { tier, reason, cases }]) => {
    const arrays = cases.length === 0 ? new Map() : readArrays(name);
    return {
      name,
      tier,
      directory: fileURLToPath(new URL(`${name}/1`, folder)),
      ...(reason === undefined ? {} : { refused: reason }),
      cases: cases.map((row) => ({
        ...row,
        inputs: below(arrays, `${row.name}/in/`),
        outputs: below(arrays, `${row.name}/out/`),
      })),
    };
  });
}

function readArrays(name: string): ReadonlyMap<string, Tensor> {
  const path = `${name}/cases.npz`;
  const files = decodeNpz(readFileSync(new URL(path, folder)), path);
  return new Map(Array.from(files, ([key, read]) => [key, decodeNpy(read(), key)]));
}

function below(arrays: ReadonlyMap<string, Tensor>, prefix: string): Record<string, Tensor> {
  const entries = Array.from(arrays).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}
