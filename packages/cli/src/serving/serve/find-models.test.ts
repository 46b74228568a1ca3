import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findModels } from './find-models.js';

async function folderWith(...files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'serving-find-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of files) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), '');
  }
  return folder;
}

describe('findModels', () => {
  it('finds SavedModels and ONNX models below a folder, by name', async () => {
    const folder = await folderWith(
      'resnet/1/model.onnx',
      'digits/1/saved_model.pb',
      'digits/2/saved_model.pbtxt',
      '.git/1/saved_model.pb',
      'empty/.keep',
      'README.md',
    );
    await rm(join(folder, 'empty/.keep'));
    expect(await findModels(folder)).toEqual({
      models: [
        { name: 'digits', basePath: join(folder, 'digits'), platform: 'tensorflow' },
        { name: 'resnet', basePath: join(folder, 'resnet'), platform: 'onnx' },
      ],
      remarks: [],
    });
  });

  it('takes the base path of one model', async () => {
    const folder = await folderWith('digits/7/model.onnx');
    const basePath = join(folder, 'digits');
    expect((await findModels(basePath)).models).toEqual([{ name: 'digits', basePath, platform: 'onnx' }]);
  });

  it('takes one version, and serves no other of its model', async () => {
    const folder = await folderWith('digits/7/saved_model.pb', 'digits/8/saved_model.pb');
    const basePath = join(folder, 'digits');
    const versionPolicy = { specific: { versions: [7] } };
    expect((await findModels(join(basePath, '7'))).models).toEqual([
      { name: 'digits', basePath, platform: 'tensorflow', versionPolicy },
    ]);
  });

  it('takes a model without version folders, which is its only version', async () => {
    const folder = await folderWith('digits/saved_model.pb', 'resnet/1/model.onnx');
    const basePath = join(folder, 'digits');
    const digits = { name: 'digits', basePath, platform: 'tensorflow', unversionedBasePath: true };
    expect((await findModels(folder)).models[0]).toEqual(digits);
    expect((await findModels(basePath)).models).toEqual([digits]);
  });

  it('remarks on what looks like a model and is not served, with the fix', async () => {
    const folder = await folderWith('other model.onnx', 'v/v1/saved_model.pb', 'e/1/readme', 'k/1/net.keras');
    const { models, remarks } = await findModels(folder);
    expect(models).toEqual([]);
    expect(remarks).toEqual([
      `"${folder}/e" is not served. The version folder "${folder}/e/1" has neither saved_model.pb nor model.onnx.`,
      `"${folder}/k" is not served. "${folder}/k/1/net.keras" is a Keras file: in Python, keras.saving.load_model("${folder}/k/1/net.keras").export("${folder}/k/1") (docs/guides/make-a-savedmodel.md).`,
      `"${folder}/other model.onnx" is a model outside of a version folder. Move it: mkdir -p '${folder}/other model/1' && mv '${folder}/other model.onnx' '${folder}/other model/1/model.onnx'`,
      `"${folder}/v" is not served. "${folder}/v/v1" is not a version folder: rename it to "${folder}/v/1".`,
    ]);
  });

  it('remarks on files of other formats in a folder without models', async () => {
    const folder = await folderWith('net.pt', 'readme.md', 'x.h5');
    const { remarks } = await findModels(folder);
    expect(remarks).toEqual([
      expect.stringContaining(
        `"${folder}/net.pt" is a PyTorch checkpoint: torch.onnx.export(model, (example,), "${folder}/net/1/model.onnx"), and serve it (`,
      ),
      expect.stringContaining(`"${folder}/x.h5" is a Keras file: `),
    ]);
  });

  it('says which child is the folder of models', async () => {
    const folder = await folderWith('models/digits/1/saved_model.pb', 'models/notes.txt');
    expect(await findModels(folder)).toEqual({
      models: [],
      remarks: [`"${folder}/models" is not served. It holds models, such as "digits": serving serve ${folder}/models.`],
    });
  });

  it('serves the other children when one is removed or becomes unreadable while it scans', async () => {
    const folder = await folderWith('digits/1/saved_model.pb');
    await symlink(join(folder, 'missing'), join(folder, 'removed'));
    await symlink(join(folder, 'loop'), join(folder, 'loop'));
    const { models, remarks } = await findModels(folder);
    expect(models.map(({ name }) => name)).toEqual(['digits']);
    expect(remarks).toEqual([`"${folder}/loop" is not served. Can't read "${folder}/loop" (ELOOP).`]);
  });

  it.each([
    ['nothing', '', 'NOT_FOUND', /Can't read ".*nothing" \(ENOENT\)/],
    ['a.onnx', 'a.onnx', 'INVALID_ARGUMENT', /mkdir -p \S+\/a\/1 && mv \S+a\.onnx \S+\/a\/1\/model\.onnx/],
    ['a.txt', 'a.txt', 'INVALID_ARGUMENT', /is not a folder of models/],
  ])('refuses %s', async (path, file, code, message) => {
    const folder = await folderWith(...(file === '' ? [] : [file]));
    await expect(findModels(join(folder, path))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
