/** What a serving thread is made of: its model server, the versions that it has opened, and its services. */
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../../clock.js';
import { BufferPool } from '../../memory/buffer-pool.js';
import { type ModelServer, modelServerOn } from '../../server/model-server.js';
import type { ForwardedKind } from '../forwarded-events.js';
import type { OpenVersionMessage } from '../main/version-leases.js';
import type {
  MirroredLifecycle,
  MirroredModel,
  PlainPollOutcome,
  PlainServableState,
  ThreadStart,
} from '../mirrored-state.js';
import { toPlainError } from '../plain-error.js';
import { attachThreadAnswers, ThreadAnswers, type ThreadQuestion } from '../thread-answers.js';
import { ThreadChannel } from '../thread-channel.js';
import { EventForwarder } from './event-forwarder.js';
import { MirroredCore } from './mirrored-core.js';
import { ThreadServices } from './thread-services.js';
import { ThreadVersions } from './thread-versions.js';

/** Serves by the messages of the main thread, until that ends it. Returns the thread's model server. */
export function hostServingThread(port: MessagePort, start: ThreadStart): ModelServer {
  const { config, supportModule } = start;
  const channel: ThreadChannel = new ThreadChannel(port, {
    openVersion: (message: OpenVersionMessage) => versions.open(message),
    closeVersion: (lease: number) => versions.close(lease),
    state: (state: PlainServableState) => core.recordState(state),
    poll: (poll: PlainPollOutcome) => core.recordPoll(poll),
    models: (models: readonly MirroredModel[]) => core.replaceModels(models),
    lifecycle: (lifecycle: MirroredLifecycle) => core.setLifecycle(lifecycle),
    giveUp: () => core.deadlines.giveUpAll(),
    observe: (kinds: readonly ForwardedKind[]) => forwarder.observe(kinds),
    flush: () => forwarder.flush(),
    startService: (argument: never) => services.start(argument),
    drainService: (argument: never) => services.drain(argument),
    closeService: (argument: never) => services.close(argument),
    callPart: (argument: never) => services.callPart(argument),
    answer: (question: ThreadQuestion) => answers.answer(question),
    end: () => port.close(),
  });
  const answers = new ThreadAnswers((question) => channel.call('askAll', question));
  const buffers = new BufferPool(config.maxKeptBytes);
  const onError = (error: unknown): void => channel.send('error', toPlainError(error));
  const versions = new ThreadVersions({ ...config, buffers, onError });
  const core = new MirroredCore(channel, versions.servables, buffers, start);
  const server = modelServerOn(core, {
    clock: systemClock,
    enforceSignatureShapes: config.enforceSignatureShapes,
    ...(config.isBatched && { batching: config.batching }),
  });
  attachThreadAnswers(server, answers);
  const services = new ThreadServices(channel, server, supportModule);
  const forwarder = new EventForwarder(channel);
  return server;
}
