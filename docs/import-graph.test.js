/** Holds the import graph, the folders and the files to what ARCHITECTURE.md promises. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url);
const read = (file) => readFileSync(new URL(file, root), 'utf8');
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'packages'], {
  cwd: root,
  encoding: 'utf8',
});
const files = listed.split('\0').filter((file) => /^packages\/[^/]+\/(?:web\/)?src\/.*\.tsx?$/.test(file));
const sources = files.filter((file) => !/\.(?:test|test-d|test-support|generated)\.ts$|\/gen\//.test(file));

/** What each package may import of ours, beside itself: the arrows of ARCHITECTURE.md. */
const ARROWS = {
  console: ['core', 'http', 'json-codec', 'protos'],
  core: [],
  engine: ['core'],
  express: ['http'],
  fastify: ['http'],
  grpc: ['core', 'protos'],
  http: ['core', 'json-codec'],
  'json-codec': ['core'],
  koa: ['http'],
  'open-inference': ['core', 'grpc', 'http', 'json-codec', 'protos'],
  'onnx-compiler': ['core', 'protos'],
  protos: ['core'],
  'runtime-onnx': ['core', 'engine', 'onnx-compiler', 'protos'],
  'runtime-tensorflow': ['core', 'engine'],
  'runtime-tfjs-node': ['core', 'engine', 'protos'],
  savedmodel: ['core', 'engine', 'protos', 'runtime-onnx', 'runtime-tensorflow'],
  telemetry: ['core'],
  testing: ['core', 'http'],
};

const importsOf = new Map(
  sources.map((file) => [
    file,
    Array.from(read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g), ([, specifier]) => specifier),
  ]),
);
const known = new Set(sources);
const neighbours = (file) =>
  importsOf
    .get(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(file), specifier).replace(/\.js$/, '.ts'))
    .map((target) => (known.has(target) ? target : `${target}x`))
    .filter((target) => known.has(target));

/** Groups of files that reach each other (Tarjan's strongly connected components), without those of one file. */
function circles() {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const target of neighbours(file)) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle);
  };
  for (const file of sources) if (!index.has(file)) visit(file);
  return found;
}

describe('the import graph', () => {
  it('has no circle of files, types included', () => {
    expect(circles()).toEqual([]);
  });

  it.each(Object.entries(ARROWS))('lets %s import only packages below it', (name, below) => {
    const own = sources.filter((file) => file.startsWith(`packages/${name}/`));
    expect(own).not.toEqual([]);
    const packages = own.flatMap((file) =>
      importsOf.get(file).filter((specifier) => specifier.startsWith('@serving/')),
    );
    const imported = new Set(packages.map((specifier) => specifier.split('/')[1]));
    expect([...imported].filter((other) => other !== name && !below.includes(other))).toEqual([]);
  });
});

describe('the folders and files of packages', () => {
  it('has at most 20 source files in a folder', () => {
    const counts = new Map();
    for (const file of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
  });

  it('has no file over 360 lines', () => {
    const lines = sources.map((file) => [file, read(file).split('\n').length - 1]);
    expect(lines.filter(([, count]) => count > 360)).toEqual([]);
  });
});
