/** The gRPC APIs in one serving thread. Loaded by its URL. */
import { systemClock } from '@serving/core/extend';
import { socketOfDescriptor, type ThreadServiceModule } from '@serving/core/internal';
import { CallServer, type CallServerOptions } from '../server/call-server.js';
import type { AdoptMessage } from './connection-handover.js';

export const startThreadService: ThreadServiceModule['startThreadService'] = async (context) => {
  const { server, data, call, support } = context;
  const reload = (request: Uint8Array): Promise<Uint8Array> => call('reload', request);
  const calls = new CallServer(server, data as CallServerOptions, systemClock, reload);
  let closing: Promise<void> | undefined;
  return {
    drain: () => calls.drain(),
    close: async ({ timeoutMs }) => {
      closing ??= calls.close();
      if (timeoutMs === undefined) return closing;
      const cancel = systemClock.setTimer(() => calls.destroy(), timeoutMs);
      return closing.finally(cancel);
    },
    handlers: {
      adopt: ({ connection, descriptor }: AdoptMessage): void => {
        const closed = (): void => void call('closed', connection);
        try {
          const socket = socketOfDescriptor(support.duplicateDescriptor(descriptor));
          socket.once('close', closed);
          calls.accept(socket);
        } catch {
          // Without a descriptor for it, the connection is the client's loss.
          closed();
        }
      },
    },
  };
};
