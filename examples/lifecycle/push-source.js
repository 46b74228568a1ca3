/** A Source and a Loader of one's own under TensorFlow Serving's manager: versions are pushed, not polled. */
import { availabilityPreservingPolicy } from '@serving/core';
import { systemClock } from '@serving/core/extend';
import { AspiredVersionsManager, connectSourceToTarget, formatServableId } from '@serving/core/lifecycle';

class PushSource {
  #aspire;

  setAspiredVersionsCallback(callback) {
    this.#aspire = callback;
  }

  /** These are the versions of `name` from now on: the manager loads what is new, and unloads what isn't listed. */
  push(name, templates) {
    this.#aspire(
      name,
      Object.entries(templates).map(([version, template]) => ({
        id: { name, version: Number(version) },
        data: new TemplateLoader(template),
      })),
    );
  }
}

/** Used for one load and one unload. A load that rejects is tried again. */
class TemplateLoader {
  #template;
  #servable;

  constructor(template) {
    this.#template = template;
  }

  async estimateResources() {
    return { ramBytes: this.#template.length };
  }

  async load({ signal }) {
    signal.throwIfAborted(); // the version is not wanted any more
    this.#servable = (name) => this.#template.replace('{}', name);
  }

  getServable() {
    return this.#servable;
  }

  async unload() {
    this.#servable = undefined;
  }
}

const source = new PushSource();
const manager = new AspiredVersionsManager({
  aspiredVersionPolicy: availabilityPreservingPolicy,
  clock: systemClock,
  numLoadThreads: 2,
  numUnloadThreads: 1,
  maxNumLoadRetries: 5,
  loadRetryIntervalMs: 60_000,
  publish: ({ id, managerState }) => console.log(formatServableId(id), managerState),
  onError: (error) => console.error(error.message),
});
connectSourceToTarget(source, manager);

source.push('greeting', { 1: 'Hello {}' });
await manager.waitUntilSettled('greeting');
const old = manager.getServableHandle({ name: 'greeting' });

source.push('greeting', { 2: 'Hi {}' }); // version 2 takes over, and version 1 waits for its last handle
while (manager.listAvailableServableIds()[0].version !== 2) await new Promise(setImmediate);
const latest = manager.getServableHandle({ name: 'greeting' });
console.log(latest.servable('Ada'), old.servable('Ada')); // Hi Ada Hello Ada

old.release();
latest.release();
await manager.close();
