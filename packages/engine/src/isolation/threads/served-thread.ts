/** Another thread's runs in the thread that talks to the model's process. */
import type { MessagePort } from 'node:worker_threads';
import type { Session } from '../../runtime/saved-model-runtime.js';
import type { ControlEvents } from '../messages/control-link.js';
import { MessageKind } from '../messages/control-messages.js';
import { ControlPort } from '../messages/control-port.js';
import type { IncomingMessage } from '../messages/message-buffer.js';
import { MessageTensors } from '../messages/message-tensors.js';
import { RunServer } from '../runs/run-server.js';

/** Lives until the other thread closes its end, or is gone. */
export class ServedThread implements ControlEvents {
  readonly #tensors: MessageTensors = new MessageTensors();
  readonly #port: ControlPort;
  readonly #runs: RunServer;

  constructor(session: Pick<Session, 'prepare'>, port: MessagePort) {
    this.#port = new ControlPort(port, this);
    this.#runs = new RunServer({
      link: this.#port,
      prepare: (feeds, fetches) => session.prepare(feeds, fetches),
      addResults: (id, results) => {
        this.#tensors.measure(results);
        this.#tensors.add(this.#port.outgoing, MessageKind.result, id, 0, results);
      },
    });
  }

  onMessage(message: IncomingMessage): void {
    if (message.kind === MessageKind.run) this.#runs.run(message, () => this.#tensors.views(message));
    else this.#runs.onMessage(message);
  }

  onDelivered(): void {
    this.#port.flush();
  }

  onClosed(): void {
    this.#runs.cancelAll();
  }
}
