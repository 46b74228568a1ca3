/** A runnable client in TypeScript. */
import { ServingError } from '@serving/core';
import type { ClientTensor } from './client-model.js';
import { type ClientRequest, clientTitle } from './client-request.js';
import { type ExampleValue, exampleValue, isSmall, nestedLiteral } from './example-value.js';
import { restFunctions, restTypes } from './typescript-rest.js';
import { typescriptHeader, typescriptSignatures } from './typescript-signatures.js';
import { commentText, literalKey } from './typescript-text.js';

/**
 * One file that needs nothing but `fetch`: the types and client of `serving types`, and a call.
 *
 * @throws ServingError `UNIMPLEMENTED` for Classify and Regress.
 */
export function typescriptClient(request: ClientRequest): string {
  const { model, signature, verb, url } = request;
  if (verb !== 'predict') {
    throw new ServingError(
      'UNIMPLEMENTED',
      `Model ${model.name}, signature ${signature.name}: a TypeScript client for ${verb} is not supported; python and bash have one`,
    );
  }
  const inputs = signature.inputs.map(inputLine);
  return [
    typescriptHeader(model, 'serving gen-client'),
    typescriptSignatures(model),
    restTypes(model),
    restFunctions(model, url),
    `
/** ${commentText(clientTitle(request))} The first argument is the model's URL. */
async function main(): Promise<void> {
  const client = typedRestClient(process.argv[2]);
  const outputs = await client.predict({
    signatureName: ${JSON.stringify(signature.name)},
    inputs: {${inputs.join('')}
    },
  });
  console.dir(outputs, { depth: null });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
`,
  ].join('');
}

function inputLine(tensor: ClientTensor): string {
  const value = exampleValue(tensor);
  const scalar = JSON.stringify(value.scalar);
  const text = isSmall(value) ? nestedLiteral(value, () => scalar) : filledCall(value, scalar);
  return `\n      ${literalKey(tensor.alias)}: ${text},`;
}

/** The same lists, made by the client. */
function filledCall({ shape }: ExampleValue, scalar: string): string {
  return shape.reduceRight((item, size) => `Array.from({ length: ${size} }, () => ${item})`, scalar);
}
