/** What a batch scheduler knows of the work that it groups: how large it is and how much it matters. */

/**
 * `critical` work goes first. `sheddable` work may wait for it, and is what gives way; it matters only to queues with
 * `enablePriorityQueue`.
 */
export type Criticality = 'critical' | 'sheddable';

/** A unit of work that may run together with others. */
export interface BatchTask {
  /** How much of a batch it fills, in rows: a whole number from 0 that doesn't change. */
  readonly size: number;
  /** Default `critical`. */
  readonly criticality?: Criticality | undefined;
}
