/**
 * Writes the API reference of every public package to `.cache/api`, a module for each entry point. TypeDoc's warnings
 * fail it: an export without a description, a type that is used but not exported, a link that leads nowhere. That the
 * sources compile is for `tsc` to say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const packages = readdirSync(path('..'))
  .map((name) => ({ folder: path(`../${name}`), manifest: readManifest(path(`../${name}`)) }))
  .filter(({ manifest }) => !manifest.private);

const entryPoints = packages.flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports)
    .filter(([entry]) => entry !== './internal' && entry !== './portable')
    .map(([, target]) => target['@serving/source'])
    .filter((source) => source !== undefined)
    .map((source) => join(folder, source)),
);

const app = await Application.bootstrap({
  name: 'Serving',
  entryPoints,
  tsconfig: path('tsconfig.json'),
  skipErrorChecking: true,
  readme: path('../../README.md'),
  disableSources: true,
  excludeExternals: true,
  githubPages: false,
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'Method', 'Accessor'],
});

const project = await app.convert();
if (project) {
  // TypeDoc asks for descriptions and exports of one package alone, the project's.
  const { packageName } = project;
  for (const { manifest } of packages) {
    project.packageName = manifest.name;
    app.validate(project);
  }
  project.packageName = packageName;
  await app.generateDocs(project, path('../../.cache/api'));
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
