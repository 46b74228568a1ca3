import { describe, expect, it } from 'vitest';
import { releaseChangelog } from './changelog.mjs';

describe('releaseChangelog', () => {
  const release = { version: '0.2.0', date: '2026-12-01', summaries: ['- New.'] };

  it('moves unreleased changes and changesets below the version', () => {
    expect(
      releaseChangelog('# Changelog\n\n## Unreleased\n\n- Old.\n\n## 0.1.0 - 2026-01-01\n\n- First.\n', release),
    ).toBe(
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n- New.\n- Old.\n\n## 0.1.0 - 2026-01-01\n\n- First.\n',
    );
  });

  it.each([
    ['without unreleased changes', '# Changelog\n', release, '"## Unreleased" is missing'],
    ['with the version', '## Unreleased\n\n## 0.2.0 - x\n', release, '0.2.0 is there already'],
    ['with nothing to release', '## Unreleased\n', { ...release, summaries: [] }, 'nothing to release'],
  ])('rejects a changelog %s', (_, changelog, given, message) => {
    expect(() => releaseChangelog(changelog, given)).toThrow(message);
  });
});
