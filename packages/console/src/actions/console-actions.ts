/** What the pages may have a server do. */
import { ServingError, type Version } from '@serving/core';
import { parseVersion, quoteName } from '@serving/core/extend';
import { type ModelControl, modelControlOf, nearestName } from '@serving/core/internal';
import type { RestModelServer } from '@serving/http';
import type { ConsoleActionName } from '../api/console-api.js';

/** Refuses all of them unless they are allowed. */
export class ConsoleActionRunner {
  readonly #server: RestModelServer;
  readonly #control: ModelControl | undefined;
  readonly #isAllowed: boolean;

  constructor(server: RestModelServer, isAllowed: boolean) {
    this.#server = server;
    this.#control = modelControlOf(server);
    this.#isAllowed = isAllowed;
  }

  /** Those that {@link ConsoleActionRunner.run} does. */
  get names(): readonly ConsoleActionName[] {
    if (!this.#isAllowed || this.#control === undefined) return [];
    return ACTIONS.filter((name) => name !== 'reload' || this.#control?.readConfiguration !== undefined);
  }

  /**
   * Does an action. Resolves when it is in effect.
   *
   * @throws ServingError `PERMISSION_DENIED` for a read-only console, `NOT_FOUND` for an unknown action or model, `INVALID_ARGUMENT` for
   * a body of another form, and what the server refuses it with.
   */
  async run(name: string, body: unknown): Promise<void> {
    if (!isAction(name)) {
      const near = nearestName(name, ACTIONS);
      throw ServingError.notFound(
        `Unknown action ${quoteName(name)}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      );
    }
    if (!this.#isAllowed) throw readOnly();
    const control = this.#control;
    if (control === undefined) throw new ServingError('UNIMPLEMENTED', 'This server can not be changed from here');
    await this.#do(name, control, toFields(body));
  }

  async #do(name: ConsoleActionName, control: ModelControl, fields: Fields): Promise<void> {
    switch (name) {
      case 'poll':
        await poll(this.#server, fields.model === undefined ? undefined : textOf(fields, 'model'));
        return;
      case 'reload':
        if (control.readConfiguration === undefined) {
          throw ServingError.failedPrecondition(
            'The server has no configuration to read again: it was started with its models',
          );
        }
        await control.readConfiguration();
        return;
      case 'label': {
        const version = fields.version === undefined ? undefined : versionOf(textOf(fields, 'version'));
        await control.setLabel(textOf(fields, 'model'), textOf(fields, 'label'), version);
        return;
      }
      case 'load':
        await control.load(textOf(fields, 'model'));
        return;
      case 'unload':
        await control.unload(textOf(fields, 'model'));
        return;
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

const ACTIONS = ['reload', 'poll', 'label', 'unload', 'load'] as const satisfies readonly ConsoleActionName[];

function isAction(name: string): name is ConsoleActionName {
  return ACTIONS.some((action) => action === name);
}

function readOnly(): ServingError {
  return new ServingError(
    'PERMISSION_DENIED',
    'The console is read-only: mount it with actions: true (--console_actions)',
  );
}

function toFields(body: unknown): Fields {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  throw ServingError.invalidArgument('The body of an action must be a JSON object');
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw ServingError.invalidArgument(
    `"${name}" must be a text that is not empty (got ${JSON.stringify(value) ?? 'none'})`,
  );
}

function versionOf(text: string): Version {
  const version = parseVersion(text);
  if (version !== undefined) return version;
  throw ServingError.invalidArgument(`"version" must be the digits of an int64 (got ${quoteName(text)})`);
}

async function poll(server: RestModelServer, model: string | undefined): Promise<void> {
  const { poll: pollServer } = server as { readonly poll?: (model?: string) => Promise<void> };
  if (pollServer === undefined) throw new ServingError('UNIMPLEMENTED', 'This server can not be polled from here');
  await pollServer.call(server, model);
}
