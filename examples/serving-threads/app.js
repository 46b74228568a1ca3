import { createServer } from 'node:http';
import { threadId } from 'node:worker_threads';
import { servingRouter } from '@serving/express';
import { attachListener, attachModelServer } from '@serving/http';
import express from 'express';

const app = express(); // each thread has its own
app.get('/thread', (_request, response) => response.json(threadId));
app.use(servingRouter(attachModelServer())); // with the models that server.js has loaded
await attachListener(createServer(app));
