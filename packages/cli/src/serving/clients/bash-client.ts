/** A runnable client in bash, on curl. */
import { type ClientRequest, clientTitle } from './client-request.js';
import { type ExampleValue, exampleValue, isSmall, jsonScalar, nestedLiteral } from './example-value.js';

export function bashClient(request: ClientRequest): string {
  const { signature, verb, url } = request;
  const values = signature.inputs.map((tensor) => ({ alias: tensor.alias, value: exampleValue(tensor) }));
  const usesFilled = verb === 'predict' && !values.every(({ value }) => isSmall(value));
  const members = values.map(({ alias, value }) => {
    const text = isSmall(value) ? nestedLiteral(value, jsonScalar) : filledCall(value);
    return `${JSON.stringify(alias)}: ${text}`;
  });
  const data = verb === 'predict' ? `"inputs": {${members.join(', ')}}` : '"examples": [{}]';
  const body = `{"signature_name": ${JSON.stringify(signature.name)}, ${data}}`;
  return `#!/usr/bin/env bash
# ${clientTitle(request)}
# The first argument is the model's URL.
set -euo pipefail

model_url=\${1:-${quote(url)}}
${usesFilled ? FILLED : ''}${verb === 'predict' ? '' : FEATURES_COMMENT}
body=${quoteBody(body)}

curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' --data-binary @- "$model_url:${verb}" <<< "$body"
echo
`;
}

const FILLED = `
# A list of lists, of a value and sizes.
filled() {
  local json=$1 row i n
  shift
  for ((i = $#; i > 0; i--)); do
    row=''
    for ((n = 0; n < \${!i}; n++)); do row+=",$json"; done
    json="[\${row:1}]"
  done
  printf '%s' "$json"
}
`;

const FEATURES_COMMENT = `
# Examples are objects of features, such as {"age": 31.0, "tags": ["a", "b"]}.`;

/** A piece of shell in a body. JSON has no NUL, so it can stand around the piece until the rest is quoted. */
function filledCall(value: ExampleValue): string {
  return `\0"$(filled ${quote(jsonScalar(value))} ${value.shape.join(' ')})"\0`;
}

function quoteBody(body: string): string {
  return body
    .split('\0')
    .map((piece, i) => (i % 2 === 0 ? quote(piece) : piece))
    .join('');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
