/** `serving openapi`: the OpenAPI document of a model. */
import type { Output } from '@serving/engine/command';
import { packageVersion } from '../../package-version.js';
import type { ClientModel, ClientTensor } from '../clients/client-model.js';
import { readModelFolder } from '../clients/read-model-folder.js';
import { readModelMetadata } from '../clients/read-model-metadata.js';
import { writeGenerated } from '../clients/write-generated.js';
import { commandFailure } from '../command-failure.js';
import type { OpenApiFlags } from './openapi-spec.js';

const FAILURE = 1;
const LOCAL_SERVER = 'http://localhost:8501';

/** Writes the document of a SavedModel's folder, or of a model of a running server. */
export async function openApi(
  operand: string,
  flags: OpenApiFlags,
  output: Output,
  signal?: AbortSignal,
): Promise<number> {
  try {
    const { openApiDocument } = await import('@serving/console/openapi');
    const { model, serverUrl } = await read(operand, flags, signal);
    const described = await describe(model);
    const document = openApiDocument([described], { title: model.name, apiVersion: packageVersion(), serverUrl });
    await writeGenerated(`${JSON.stringify(document, undefined, 2)}\n`, flags.out, output);
    return 0;
  } catch (error) {
    output.stderr.write(commandFailure('openapi', error));
    return FAILURE;
  }
}

async function read(
  operand: string,
  { name, saved_model_tags: tags }: OpenApiFlags,
  signal: AbortSignal | undefined,
): Promise<{ readonly model: ClientModel; readonly serverUrl: string }> {
  if (!/^https?:\/\//i.test(operand)) {
    return { model: await readModelFolder(operand, { name, tags: tags.split(',') }), serverUrl: LOCAL_SERVER };
  }
  const { model, url } = await readModelMetadata(operand, signal);
  return { model, serverUrl: url.slice(0, url.search(/\/v1\/models\//i)) };
}

async function describe({ name, version, signatures }: ClientModel) {
  const { signatureTensor } = await import('@serving/console/openapi');
  const tensorOf = ({ alias, dtype, shape, hasDefault }: ClientTensor) => ({
    ...signatureTensor({ name: alias, dtype, shape }),
    ...(hasDefault && { isOptional: true }),
  });
  return {
    name,
    ...(version !== undefined && { version: String(version) }),
    signatures: signatures.map((signature) => ({
      name: signature.name,
      methodName: signature.methodName,
      inputs: signature.inputs.map(tensorOf),
      outputs: signature.outputs.map(tensorOf),
    })),
  };
}
