/** What every example of a host does, whatever its framework. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from './example-process.js';
import { itStandsWordForWord } from './snippets.js';

/**
 * Defines the tests of a minimal host: `file` beside `test` serves half plus two over REST and on a route of its own, at
 * every other path where the API is mounted too, ends cleanly, and is a snippet of the pages.
 */
export function describeMinimalHost(
  title,
  { test, file, ownRoute = '/half-plus-two?x=5', otherMounts = [], pages = ['docs/guides/getting-started.md'] },
) {
  describe(title, () => {
    let app;

    beforeAll(async () => {
      app = await startExample(beside(test)(file), [fixture('half_plus_two_tf2')]);
    });
    afterAll(() => app.kill());

    it.each(['', ...otherMounts])("answers TensorFlow Serving's REST request below '%s'", async (mount) => {
      const request = { method: 'POST', body: '{"instances": [1.0, 2.0, 5.0]}' };
      const response = await fetch(`${app.url}${mount}/v1/models/half_plus_two:predict`, request);
      expect(await response.json()).toEqual({ predictions: [2.5, 3, 4.5] });
    });

    it('answers a route of its own from the same model, in process', async () => {
      expect(await (await fetch(app.url + ownRoute)).json()).toEqual({ y: 4.5 });
    });

    it('after SIGTERM answers clients that keep asking on their connections, tells them to close, and exits with code 0', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => app.keepAsking('/v1/models/half_plus_two')));
      const exit = app.terminate();
      for (const { statuses } of await Promise.all(answers.map(({ closed }) => closed))) {
        expect(new Set(statuses)).toEqual(new Set([200]));
      }
      expect(await exit).toEqual({ code: 0, signal: null });
    });

    for (const page of pages) itStandsWordForWord(test, [file], page);
  });
}
