/** Publishes typed events to subscribers, each in its turn (TensorFlow Serving's `util/event_bus.h`). */
import { EventEmitter } from 'eventemitter3';

/** Called with each event, synchronously; its result is ignored. */
export type EventListener<T> = (event: T) => void;

/** How long a subscription lasts: until the signal aborts or its function is called. */
export interface SubscribeOptions {
  /** A signal that is aborted already makes the subscription a no-op. */
  readonly signal?: AbortSignal;
}

/**
 * What can be subscribed to; `Events` maps each event's name to what it carries. Subscribers are called synchronously, in the order in which they
 * subscribed, and all see the events in one order. One that throws keeps no other from being called.
 */
export interface EventSource<Events> {
  /** Calls `listener` for each event from now on. The returned function ends that; so does `options.signal`. */
  on<N extends keyof Events & string>(
    name: N,
    listener: EventListener<Events[N]>,
    options?: SubscribeOptions,
  ): () => void;
  /** Like `on`, for the next event only. */
  once<N extends keyof Events & string>(
    name: N,
    listener: EventListener<Events[N]>,
    options?: SubscribeOptions,
  ): () => void;
  /** Ends every subscription of `listener` to this event. */
  off<N extends keyof Events & string>(name: N, listener: EventListener<Events[N]>): void;
}

/**
 * Subscribers are called synchronously, in the order in which they subscribed. Every subscriber sees all events in the
 * same order: what is published from within a subscriber follows when every subscriber has the current event. A
 * subscriber that throws doesn't keep the others from being called; its error goes to `onSubscriberError`, which must not throw. A subscription that ends while an event is being delivered gets no more of it.
 */
export class EventBus<Events> implements EventSource<Events> {
  readonly #emitter = new EventEmitter<string>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #onSubscriberError: (error: unknown, eventName: string) => void;
  readonly #queue: { readonly name: string; readonly event: unknown }[] = [];
  #publishing = false;

  constructor(onSubscriberError: (error: unknown, eventName: string) => void) {
    this.#onSubscriberError = onSubscriberError;
  }

  on<N extends keyof Events & string>(
    name: N,
    listener: EventListener<Events[N]>,
    options: SubscribeOptions = {},
  ): () => void {
    return this.#subscribe(name, listener, options, false);
  }

  once<N extends keyof Events & string>(
    name: N,
    listener: EventListener<Events[N]>,
    options: SubscribeOptions = {},
  ): () => void {
    return this.#subscribe(name, listener, options, true);
  }

  off<N extends keyof Events & string>(name: N, listener: EventListener<Events[N]>): void {
    for (const subscription of [...this.#subscriptions]) {
      if (subscription.name === name && subscription.listener === listener) subscription.end();
    }
  }

  publish<N extends keyof Events & string>(name: N, event: Events[N]): void {
    this.#queue.push({ name, event });
    if (this.#publishing) return;
    this.#publishing = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#emitter.emit(next.name, next.event);
    } finally {
      this.#publishing = false;
    }
  }

  #subscribe<N extends keyof Events & string>(
    name: N,
    listener: EventListener<Events[N]>,
    { signal }: SubscribeOptions,
    once: boolean,
  ): () => void {
    const deliver = (event: Events[N]): void => {
      if (!this.#subscriptions.has(subscription)) return;
      if (once) subscription.end();
      try {
        listener(event);
      } catch (error) {
        this.#onSubscriberError(error, name);
      }
    };
    const subscription: Subscription = {
      name,
      listener,
      end: () => {
        this.#subscriptions.delete(subscription);
        this.#emitter.off(name, deliver);
        signal?.removeEventListener('abort', subscription.end);
      },
    };
    if (signal?.aborted) return subscription.end;
    this.#subscriptions.add(subscription);
    this.#emitter.on(name, deliver);
    signal?.addEventListener('abort', subscription.end, { once: true });
    return subscription.end;
  }
}

interface Subscription {
  readonly name: string;
  readonly listener: unknown;
  readonly end: () => void;
}
