import { describe, expect, it } from 'vitest';
import { VersionLabels, type VersionLabelsOptions } from './version-labels.js';

const strict = {
  allowVersionLabels: true,
  allowVersionLabelsForUnavailableModels: false,
  forceAllowAnyVersionLabelsForUnavailableModels: false,
};
const allowNew = { ...strict, allowVersionLabelsForUnavailableModels: true };
const force = { ...strict, forceAllowAnyVersionLabelsForUnavailableModels: true };
const labelled = (labels: Readonly<Record<string, number>>) => [
  { name: 'm', versionLabels: new Map(Object.entries(labels)) },
];

/** Version 1 and 2 are available; labels for version 1 are there. */
function makeLabels(options: Omit<VersionLabelsOptions, 'isAvailable'>): VersionLabels {
  const labels = new VersionLabels({ ...options, isAvailable: (model, version) => model === 'm' && version <= 2 });
  if (options.allowVersionLabels) labels.update(labelled({ stable: 1, early: 9 }));
  return labels;
}

describe('VersionLabels', () => {
  it.each<[string, Omit<VersionLabelsOptions, 'isAvailable'>, Record<string, number>, number | undefined]>([
    ['a label moves to an available version', strict, { stable: 2, early: 9 }, undefined],
    ['a new label is for an available version', strict, { stable: 1, canary: 2 }, undefined],
    ['a new label is for another version', strict, { stable: 1, canary: 3 }, 3],
    ['a new label is for another version, which is allowed', allowNew, { stable: 1, canary: 3 }, undefined],
    ['a label moves to another version', strict, { stable: 4 }, 4],
    ['a label moves to another version, with only new ones allowed', allowNew, { stable: 4 }, 4],
    ['a label moves to another version, with any allowed', force, { stable: 4 }, undefined],
    ['a label stays with a version that is not available', strict, { early: 9, stable: 2 }, undefined],
    ['labels go away', strict, {}, undefined],
  ])('when %s', (_, options, after, refused) => {
    const labels = makeLabels(options);
    if (refused === undefined) {
      labels.update(labelled(after));
      for (const [label, version] of Object.entries(after)) expect(labels.resolve('m', label)).toBe(version);
      return;
    }
    expect(() => labels.update(labelled(after))).toThrow(
      expect.objectContaining({
        code: 'FAILED_PRECONDITION',
        message: expect.stringContaining(
          `Request to assign label to version ${refused} of model m, which is not currently available for inference`,
        ),
      }),
    );
    expect(labels.resolve('m', 'stable')).toBe(1);
    expect(labels.resolve('m', 'early')).toBe(9);
  });

  it('lets a new model label any version, beside one that was there before', () => {
    const labels = makeLabels(strict);
    labels.update([...labelled({ stable: 1 }), { name: 'n', versionLabels: new Map([['first', 7]]) }]);
    expect(labels.resolve('n', 'first')).toBe(7);
  });

  it('changes no model when the label of one is refused', () => {
    const labels = makeLabels(strict);
    const good = { name: 'n', versionLabels: new Map([['first', 7]]) };
    expect(() => labels.update([good, ...labelled({ stable: 4 })])).toThrow('version 4 of model m');
    expect(() => labels.resolve('n', 'first')).toThrow('Unrecognized servable version label: first');
  });

  it.each([
    ['m', 'canary'],
    ['unknown', 'stable'],
  ])('does not know the label of model %s that is called %s', (model, label) => {
    expect(() => makeLabels(strict).resolve(model, label)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `Unrecognized servable version label: ${label}`,
      }),
    );
  });

  it('refuses labels in configurations and requests where there are to be none', () => {
    const labels = makeLabels({ ...strict, allowVersionLabels: false });
    labels.update(labelled({}));
    expect(() => labels.update(labelled({ stable: 1 }))).toThrow(
      expect.objectContaining({
        code: 'FAILED_PRECONDITION',
        message: 'Model version labels are not currently allowed by the server.',
      }),
    );
    expect(() => labels.resolve('m', 'stable')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: "ModelSpec has 'version_label' set, but it is not currently allowed by the server.",
      }),
    );
  });
});
