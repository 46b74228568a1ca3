/** Requests, their stages and batches as spans. */
import {
  type Context,
  context,
  type Link,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { ServingError } from '@serving/core';
import {
  type BatchEvent,
  observeServing,
  type RequestStageEvent,
  type RequestTrace,
  type ServingObserver,
} from '@serving/core/diagnostics';
import { checkOptions, type OptionsTable, optionKinds, versionToJson } from '@serving/core/internal';
import { requestAttributes, responseAttributes } from './attributes.js';

/** Whose spans they are, and of which requests. */
export interface TraceServingOptions {
  /** Default: the one that is registered globally when a request arrives. */
  readonly tracerProvider?: TracerProvider;
  /** Which requests get spans. Default: all of the process. */
  readonly filter?: (request: RequestTrace) => boolean;
}

/** The options by name. */
export const traceServingOptions: OptionsTable<TraceServingOptions> = {
  tracerProvider: {
    ...optionKinds.object('`TracerProvider`', 'an object with getTracer', 'getTracer'),
    default: 'the global one',
    meaning: 'whose spans they are',
  },
  filter: {
    ...optionKinds.callback,
    default: 'all of the process',
    meaning: 'which requests get spans',
  },
};

/**
 * Makes spans from now on, until the returned function is called:
 *
 * - `predict digits` (`classify`, …) for each request. Its parent is the span that is active when it arrives (an HTTP instrumentation's), or else the one
 *   that its headers name, by the propagator that is registered globally.
 * - `serving.decode`, `serving.queue`, `serving.run`, `serving.encode` below it.
 * - `serving.batch` for each batch, a root of its own that links to the spans of its requests.
 *
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function traceServing(options: TraceServingOptions = {}): () => void {
  checkOptions(options, traceServingOptions, 'traceServing()');
  return observeServing(new ServingTracer(options));
}

class ServingTracer implements ServingObserver {
  readonly #options: TraceServingOptions;
  readonly #spans = new WeakMap<RequestTrace, { readonly span: Span; readonly context: Context }>();

  constructor(options: TraceServingOptions) {
    this.#options = options;
  }

  onRequest(request: RequestTrace): void {
    if (this.#options.filter?.(request) === false) return;
    const active = context.active();
    const isChild = trace.getSpan(active) !== undefined;
    const { headers } = request;
    const parent = isChild || !headers ? active : propagation.extract(active, headers, headerGetter);
    const kind = isChild || request.entrypoint === 'IN_PROCESS' ? SpanKind.INTERNAL : SpanKind.SERVER;
    const attributes = requestAttributes(request);
    const startTime = epochMs(request.startTime);
    const span = this.#tracer().startSpan(spanName(request), { kind, startTime, attributes }, parent);
    this.#spans.set(request, { span, context: trace.setSpan(parent, span) });
  }

  onStage({ request, stage, startTime, endTime, error }: RequestStageEvent): void {
    const parent = this.#spans.get(request);
    if (!parent?.span.isRecording()) return;
    const span = this.#tracer().startSpan(`serving.${stage}`, { startTime: epochMs(startTime) }, parent.context);
    end(span, endTime, error);
  }

  onBatch({ servable, signature, requests, size, padding, isRerun, startTime, endTime, error }: BatchEvent): void {
    const links: Link[] = [];
    for (const request of requests) {
      const span = this.#spans.get(request)?.span;
      if (span) links.push({ context: span.spanContext() });
    }
    if (links.length === 0) return;
    const attributes = {
      'serving.model.name': servable.name,
      'serving.model.version': versionToJson(servable.version),
      'serving.signature.name': signature,
      'serving.batch.size': size,
      'serving.batch.padding': padding,
      'serving.batch.requests': requests.length,
      ...(isRerun && { 'serving.batch.rerun': true }),
    };
    const options = { startTime: epochMs(startTime), root: true, links, attributes };
    end(this.#tracer().startSpan('serving.batch', options), endTime, error);
  }

  onResponse(request: RequestTrace): void {
    const span = this.#spans.get(request)?.span;
    if (!span) return;
    this.#spans.delete(request);
    span.updateName(spanName(request));
    span.setAttributes({ ...requestAttributes(request), ...responseAttributes(request) });
    end(span, request.endTime ?? request.startTime, request.error);
  }

  #tracer(): Tracer {
    return (this.#options.tracerProvider ?? trace).getTracer('@serving/telemetry');
  }
}

function spanName({ api, model }: RequestTrace): string {
  const name = api === '' ? 'serving' : api[0]!.toLowerCase() + api.slice(1);
  return model === '' ? name : `${name} ${model}`;
}

function end(span: Span, endTime: number, error: ServingError | undefined): void {
  if (error) {
    span.setAttribute('error.type', error.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end(epochMs(endTime));
}

/** The channels' times are of `performance.now()`. */
function epochMs(time: number): number {
  return performance.timeOrigin + time;
}

const headerGetter: TextMapGetter<NonNullable<RequestTrace['headers']>> = {
  get: (headers, name) => headers.header(name.toLowerCase()),
  keys: () => [],
};
