/** A module of an application in one serving thread. Loaded by its URL. */
import { ServingError } from '@serving/core';
import { systemClock } from '@serving/core/extend';
import type { ThreadServiceModule } from '@serving/core/internal';
import { acceptHttpBursts } from '../connections/accept-http-bursts.js';
import { isHttpServer, trackConnections } from '../connections/open-connections.js';
import { toDrainable } from '../node/drain.js';
import { type AttachedApplication, setAttachedApplication } from './attached-application.js';

export const startThreadService: ThreadServiceModule['startThreadService'] = async (context) => {
  const { server, data, descriptor, support } = context;
  const { module } = data as { readonly module: string };
  const application: AttachedApplication = { server, descriptor: descriptor!, listeners: [] };
  trackConnections();
  setAttachedApplication(application);
  await import(module);
  const [listener] = application.listeners;
  if (listener === undefined) {
    throw ServingError.failedPrecondition(
      `${module} has attached no listener: await attachListener(http.createServer(app)) at its top level`,
    );
  }
  if (isHttpServer(listener)) acceptHttpBursts(listener, support, true);
  const drainable = toDrainable(listener, systemClock);
  return { drain: () => drainable.drain?.(), close: (limit) => drainable.close(limit) };
};
