/** A runnable client in Python 3, on its standard library. */

import { type ClientTensor, tensorText } from './client-model.js';
import { type ClientRequest, clientTitle } from './client-request.js';
import { type ExampleValue, exampleValue, isSmall, jsonScalar, nestedLiteral } from './example-value.js';

export function pythonClient(request: ClientRequest): string {
  const { signature, verb, url } = request;
  const data = verb === 'predict' ? inputs(signature.inputs) : examples;
  const usesFilled = verb === 'predict' && !signature.inputs.map(exampleValue).every(isSmall);
  return `#!/usr/bin/env python3
# ${clientTitle(request)}
# The first argument is the model's URL.
import json
import sys
import urllib.error
import urllib.request

MODEL_URL = sys.argv[1] if len(sys.argv) > 1 else ${pythonString(url)}
${usesFilled ? filled : ''}
request = {
    "signature_name": ${pythonString(signature.name)},
${data}}

try:
    body = json.dumps(request).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(MODEL_URL + ":${verb}", body, headers)) as response:
        print(json.dumps(json.load(response), indent=2))
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code}: {error.read().decode()}")
except urllib.error.URLError as error:
    sys.exit(f"{MODEL_URL}: {error.reason}")
`;
}

const filled = `

def filled(value, *shape):
    for size in reversed(shape):
        value = [value] * size
    return value

`;

const examples = `    # One object of features for each example, such as {"age": 31.0, "tags": ["a", "b"]}.
    "examples": [{}],
`;

function inputs(tensors: readonly ClientTensor[]): string {
  const lines = tensors.map((tensor) => {
    const value = exampleValue(tensor);
    const text = isSmall(value) ? nestedLiteral(value, pythonScalar) : filledCall(value);
    return `        ${pythonString(tensor.alias)}: ${text},  # ${tensorText(tensor)}\n`;
  });
  return `    "inputs": {\n${lines.join('')}    },\n`;
}

function filledCall(value: ExampleValue): string {
  return `filled(${[pythonScalar(value), ...value.shape].join(', ')})`;
}

function pythonScalar(value: ExampleValue): string {
  return value.scalar === true ? 'True' : jsonScalar(value);
}

/** A literal of ASCII: JSON's escapes are Python's too, but for surrogate pairs. */
function pythonString(text: string): string {
  const escaped = Array.from(JSON.stringify(text), (character) => {
    const code = character.codePointAt(0)!;
    if (code < 0x7f) return character;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return escaped.join('');
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
