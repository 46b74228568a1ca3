import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { checkVariables, readMetaGraph, readSavedModel } from './saved-model-reader.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'saved-model-reader-'));
});

afterAll(() => rm(root, { recursive: true }));

/** A new folder with these files. */
async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(root, 'model-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}

describe('readSavedModel', () => {
  it('reads the binary form', async () => {
    const { metaGraphs } = await readSavedModel(fixturePath('half_plus_two', 123));
    expect(metaGraphs.map(({ tags }) => tags)).toEqual([['serve']]);
  });

  it('reads the text form when the binary one is missing', async () => {
    const { metaGraphs } = await readSavedModel(fixturePath('pbtxt', 1));
    expect([...metaGraphs[0]!.signatureDefs.keys()]).toContain('serving_default');
  });

  it('prefers the binary form', async () => {
    const directory = await folder({ 'saved_model.pbtxt': 'not read' });
    await copyFile(join(fixturePath('half_plus_two', 123), 'saved_model.pb'), join(directory, 'saved_model.pb'));
    await expect(readSavedModel(directory)).resolves.toMatchObject({ schemaVersion: 1 });
  });

  it.each([
    ['an empty folder', {}],
    ['a folder of other things', { 'readme.md': 'x' }],
  ])('finds no model in %s', async (_, files) => {
    const directory = await folder(files);
    await expect(readSavedModel(directory)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Could not find SavedModel .pb or .pbtxt at supplied export directory path: ${directory}. Check that the directory exists and that you have the right permissions for accessing it.`,
    });
  });

  it('names a model of another format and the fix', async () => {
    const directory = await folder({ 'model.keras': 'x' });
    await expect(readSavedModel(directory)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining(`"${directory}/model.keras" is a Keras file: in Python, keras.saving.load_model(`),
    });
  });

  it('finds no model in a folder that does not exist', async () => {
    await expect(readSavedModel(join(root, 'nowhere'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`directory path: ${join(root, 'nowhere')}.`),
    });
  });

  it.each(['export.meta', 'saved_model.cpb'])('does not read the form %s', async (file) => {
    const directory = await folder({ [file]: 'x' });
    await expect(readSavedModel(directory)).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining(`(${file})`),
    });
  });

  it('says why a file cannot be read', async () => {
    const directory = await folder({});
    await mkdir(join(directory, 'saved_model.pb'));
    await expect(readSavedModel(directory)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: `Can't read ${join(directory, 'saved_model.pb')} (EISDIR)`,
    });
  });

  it.each(['broken/truncated', 'broken/not_a_proto'])('refuses %s', async (model) => {
    await expect(readSavedModel(fixturePath(model, 1))).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining(`Can't parse ${join(fixturePath(model, 1), 'saved_model.pb')} as binary proto`),
      hint: expect.stringContaining('copy or export the model again'),
    });
  });
});

describe('readMetaGraph', () => {
  it.each([
    [['serve'], 1],
    [['serve', 'serve'], 1],
    [['gpu', 'serve'], 2],
    [['serve', 'gpu', 'serve'], 2],
  ])('compares the tags %j as a set', async (tags, signatures) => {
    const metaGraph = await readMetaGraph(fixturePath('two_tag_sets', 1), tags);
    expect(metaGraph.signatureDefs.size).toBe(signatures);
  });

  it.each([
    ['gpu_tag', ['serve'], '{ serve }', '{ serve gpu }'],
    ['train_tag', ['serve'], '{ serve }', '{ train }'],
    ['half_plus_two', ['serve', 'gpu'], '{ serve gpu }', '{ serve }'],
    ['two_tag_sets', [], '{  }', '{ serve }, { serve gpu }'],
  ])('refuses %s for the tags %j, naming those that there are', async (model, tags, asked, available) => {
    const directory = fixturePath(model, model === 'half_plus_two' ? 123 : 1);
    await expect(readMetaGraph(directory, tags)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message:
        `Could not find meta graph def matching supplied tags: ${asked}. To inspect available tag-sets in the SavedModel, ` +
        `please use the SavedModel CLI: \`saved_model_cli\` (${directory} has ${available})`,
      hint: expect.stringMatching(/^Export the model with the tags \{.*\}, or load these: \{ options: \{ tags: \["/),
    });
  });

  it('refuses a file without any meta graph', async () => {
    const directory = await folder({ 'saved_model.pbtxt': '' });
    await expect(readMetaGraph(directory, ['serve'])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`(${directory} has none)`),
      hint: 'The file has no meta graph: export the model again',
    });
  });
});

describe('checkVariables', () => {
  it.each([
    ['half_plus_two', 123],
    ['half_plus_two_tf2', 123],
    ['unknown_rank', 1],
    ['pbtxt', 1],
  ])('is content with %s', async (model, version) => {
    const directory = fixturePath(model, version);
    await expect(checkVariables(directory, await readMetaGraph(directory, ['serve']))).resolves.toBeUndefined();
  });

  it('misses the variables that a graph restores', async () => {
    const directory = fixturePath('broken/missing_variables', 1);
    await expect(checkVariables(directory, await readMetaGraph(directory, ['serve']))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `The model restores its variables (save/restore_all), but there is no ${join(directory, 'variables/variables.index')}`,
    });
  });
});
