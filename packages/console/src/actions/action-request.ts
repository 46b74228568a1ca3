/** Reads the request of an action, and refuses what another site's page has a browser send. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { type HttpRequest, wholeOf } from '@serving/http/adapter';

/**
 * The JSON body. Pages of other sites can send JSON only after the server has allowed it to their browser, which it does not for the console.
 *
 * @throws ServingError `PERMISSION_DENIED` for a request of another site, `INVALID_ARGUMENT` for a body that is not JSON.
 */
export function actionBody(request: HttpRequest): unknown {
  const site = request.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') {
    throw new ServingError(
      'PERMISSION_DENIED',
      `Actions are for the console's own pages (Sec-Fetch-Site is ${quoteName(site)})`,
    );
  }
  const contentType = request.header('content-type') ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) {
    throw ServingError.invalidArgument(
      `An action must have the Content-Type application/json (got ${quoteName(contentType)})`,
    );
  }
  if (request.parsedBody !== undefined) return request.parsedBody;
  const text = request.body === undefined ? '' : Buffer.from(wholeOf(request.body)).toString();
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw ServingError.invalidArgument(`The body is not JSON: ${(cause as Error).message}`, { cause });
  }
}
