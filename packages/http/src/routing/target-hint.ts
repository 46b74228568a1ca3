/** How a client fixes a request that fits no pattern of the REST API, by what stands there: pure. */
import { nearestName } from '@serving/core/portable';

const VERBS = ['predict', 'classify', 'regress'];
/** As much of a target as is repeated. */
const LONGEST_TARGET = 256;

/** The target that was probably meant, or what a method needs; `undefined` where nothing is near. */
export function malformedTargetHint(method: string, target: string): string | undefined {
  if (target.length > LONGEST_TARGET) return undefined;
  const fixed = fixedTarget(target);
  if (/^\/v1\/models$/i.test(fixed)) return MISSING_MODEL_HINT;
  const isInference = /:(?:predict|classify|regress)$/.test(fixed);
  if (method === 'POST') {
    if (isInference && fixed !== target) return `Did you mean POST ${fixed}?`;
    return isInference ? undefined : `POST needs a verb behind the model: ${withoutAction(fixed)}:predict`;
  }
  if (isInference)
    return `${fixed} is for POST, with a JSON body: curl -d '{"instances": [EXAMPLE]}' http://HOST${fixed}`;
  if (method === 'GET') return fixed === target ? undefined : `Did you mean GET ${fixed}?`;
  return `The REST API has GET for status and metadata, and POST for :predict, :classify and :regress`;
}

/** What a target without a model was probably meant for. */
export const MISSING_MODEL_HINT = 'Name the model: GET /v1/models/MODEL, or POST /v1/models/MODEL:predict';

/** Mends what is usually wrong: a query, a slash at the end or before the verb, a misspelt verb, a version without "versions". */
function fixedTarget(target: string): string {
  const path = target.replace(/[?#].*$/s, '').replace(/(?<=.)\/+$/, '');
  return path
    .replace(/[:/](\w+)$/, (action, word: string) => {
      const verb = nearestName(word, VERBS);
      const isVerb = verb !== undefined && (action.startsWith(':') || verb === word.toLowerCase());
      return isVerb ? `:${verb}` : action;
    })
    .replace(/^(\/v1\/models\/[^/:]+)\/(?:versions?\/|v)?(\d+)(?=[:/]|$)/i, '$1/versions/$2')
    .replace(/^(\/v1\/models\/[^/:]+)\/label\/([^/:]+)/i, '$1/labels/$2')
    .replace(/\/meta(?:-?data)?$/i, '/metadata');
}

function withoutAction(target: string): string {
  return target.replace(/(?::\w*|\/metadata)$/, '');
}
