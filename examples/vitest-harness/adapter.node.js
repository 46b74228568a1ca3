import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { createNodeHandler } from '@serving/http';
import { defineAdapterTestSuite, listenForAdapterTest } from '@serving/testing';

/** The API at `/`, or below a prefix; beside it the host's own routes. */
function host({ server, options, prefix }) {
  const handler = createNodeHandler(server, options);
  const listener = (request, response) => {
    const other = () => response.end(['/host', '/v1/users'].includes(request.url) ? 'host' : '');
    if (!request.url.startsWith(`${prefix}/`)) return other();
    request.url = request.url.slice(prefix.length);
    handler(request, response, other);
  };
  return listenForAdapterTest(createServer(listener));
}

describe('an adapter of one’s own', () => {
  defineAdapterTestSuite(host, { describe, it, without: ['body-parser'] });
});
