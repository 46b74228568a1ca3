/** Mounts the REST API in an Express app. */
import { createNodeHandler, type HttpRestApiOptions, type RestModelServer } from '@serving/http';
import express, { type Router } from 'express';

/**
 * A router that answers `/v1/models…` (and the metrics page and health endpoints that the options name) below the path where it is
 * mounted, and leaves every other request to the app. It works with Express 4.18 and 5, with or without
 * `express.json()` in front; without is faster and exact: a parsed body no longer distinguishes `1` from `1.0`, has lost digits
 * of large integers, and can't hold NaN and Infinity. Where the parser's `verify` keeps the bytes in `request.rawBody`, those are
 * read; behind `express.urlencoded()` predict needs them, or another content type than a form's.
 *
 * The model server stays the caller's, who closes it after the app's listener: `drain(listener, server)`.
 *
 * @example
 * ```ts
 * const app = express();
 * app.use(servingRouter(server)); // POST /v1/models/digits:predict
 * app.use('/ml', servingRouter(server)); // POST /ml/v1/models/digits:predict
 * ```
 */
export function servingRouter(server: RestModelServer, options: HttpRestApiOptions = {}): Router {
  const router = express.Router();
  router.use(createNodeHandler(server, options));
  return router;
}
