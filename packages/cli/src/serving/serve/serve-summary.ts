/** The lines that `serving serve` prints when it is ready. */
import type { ModelServer, ModelVersionStatus } from '@serving/core';
import { printableLine } from '@serving/core/extend';
import type { RunningModelServer } from '../../model-server/tensorflow-model-server.js';
import { readModelMetadata } from '../clients/read-model-metadata.js';
import { curlLine } from './curl-line.js';

/** Models, versions, engines and states; addresses; a first request. */
export async function serveSummary(folder: string, running: RunningModelServer): Promise<string> {
  const { modelServer, url = '', grpcAddress, consoleUrl } = running;
  const names = modelServer.modelNames;
  const count = `${names.length} ${names.length === 1 ? 'model' : 'models'}`;
  const addresses = [
    ...(consoleUrl === undefined ? [] : [['Console', consoleUrl]]),
    ['REST v1', `${url}/v1/models`],
    ['REST v2', `${url}/v2/models`],
    ...(grpcAddress === undefined ? [] : [['gRPC', grpcAddress]]),
  ];
  const request = await firstRequest(modelServer, url);
  return [
    `Serving ${count} from ${printableLine(folder)}`,
    '',
    ...table(names.flatMap((name) => modelRows(name, statusesOf(modelServer, name)))),
    '',
    ...table(addresses),
    '',
    ...(request === undefined ? [] : ['Try it:', `  ${request}`, '']),
    'Ctrl+C stops the server.',
    '',
  ].join('\n');
}

function modelRows(name: string, statuses: readonly ModelVersionStatus[]): string[][] {
  const shown = printableLine(name);
  if (statuses.length === 0) return [[shown, '', 'no versions']];
  return statuses.map((status, i) => [i === 0 ? shown : '', `version ${status.version}`, stateText(status)]);
}

function stateText({ state, status, engine }: ModelVersionStatus): string {
  if (status.errorCode !== 'OK') return `failed: ${printableLine(status.errorMessage).slice(0, 300)}`;
  return `${state.toLowerCase()}${engine === undefined ? '' : ` on ${engine}`}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column]!)).join('  ')}`.trimEnd());
}

/** For the first model that is available; `undefined` when none is, or its inputs have no form in JSON. */
async function firstRequest(server: ModelServer, url: string): Promise<string | undefined> {
  const name = server.modelNames.find((model) => statusesOf(server, model).some(({ state }) => state === 'AVAILABLE'));
  if (name === undefined) return undefined;
  try {
    return curlLine((await readModelMetadata(`${url}/v1/models/${encodeURIComponent(name)}`)).model, url);
  } catch {
    return undefined;
  }
}

function statusesOf(server: ModelServer, model: string): readonly ModelVersionStatus[] {
  try {
    return server.getModelStatus({ model });
  } catch {
    return [];
  }
}
