/**
 * The module that mount points load for `servingConsole()`.
 *
 * @module @serving/console/extension
 */
import type { CreateHttpExtension } from '@serving/http/adapter';
import { BothExtensions } from './both-extensions.js';
import { ConsoleHandler } from './console-handler.js';
import { OpenApiHandler } from './openapi/openapi-handler.js';
import { checkConsoleOptions } from './options.js';

/** The console over HTTP. */
export const createHttpExtension: CreateHttpExtension = (server, options, context) => {
  const { openApi = true, ...checked } = checkConsoleOptions(options);
  const pages = new ConsoleHandler(server, checked, context, new URL('../dist/web/', import.meta.url));
  return openApi ? new BothExtensions(pages, new OpenApiHandler(server, context)) : pages;
};
