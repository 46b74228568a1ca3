/** A run at the other end of a link. */
import type { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';

/** One of the two is called, once, unless the other end goes first. */
export interface RemoteRun {
  succeed(results: Tensor[]): void;
  fail(error: ServingError): void;
}
