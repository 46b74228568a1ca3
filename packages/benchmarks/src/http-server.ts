/** The process that is measured over HTTP: `echo` (parses a JSON body and writes it back) or our handler on node:http. */
import { createServer } from 'node:http';
import { ModelServer } from '@serving/core';
import { createNodeHandler } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from './fixtures.js';

function echoServer() {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      response.end(body);
    });
  });
}

async function modelServer() {
  const server = await ModelServer.start({
    models: [{ name: 'half_plus_two', basePath: fixtureBasePath('half_plus_two') }],
    platforms: { tensorflow: savedModelPlatform() },
  });
  return createServer(createNodeHandler(server));
}

const listener = process.argv[2] === 'echo' ? echoServer() : await modelServer();
listener.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
});
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
