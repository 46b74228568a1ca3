import { createServer } from 'node:http';
import { describe, it } from '@jest/globals';
import { createNodeHandler } from '@serving/http';
import { defineAdapterTestSuite, listenForAdapterTest } from '@serving/testing';

defineAdapterTestSuite(
  ({ server, options }) => listenForAdapterTest(createServer(createNodeHandler(server, options))),
  { describe, it, without: ['prefix', 'body-parser', 'host-routes'] },
);
