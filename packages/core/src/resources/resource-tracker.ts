/** Tracks the resources that each version holds (TensorFlow Serving's `resources/resource_tracker.h`). */
import type { ResourceEstimate } from '../loader/loader.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import { ServingError } from '../serving-error.js';
import { type ResourceLimits, type ResourceQuantity, ramOfMain } from './resource-quantity.js';

/** What one servable holds of a resource. */
export interface ResourceHolder {
  readonly id: ServableId;
  readonly quantity: number;
}

/** Why a reservation failed: the first resource that is short. */
export interface ResourceShortage {
  /** Such as `ram_in_bytes of main` or `ram_in_bytes of gpu 1`. */
  readonly resource: string;
  readonly needed: number;
  readonly used: number;
  readonly limit: number;
  /** The versions that hold some of it, the largest share first. */
  readonly holders: readonly ResourceHolder[];
}

/**
 * A reservation is made whole or not at all: what is used and what is requested must together stay within each limit.
 * A demand that is bound to no instance of its device counts against every one of them, as it may end up on any.
 */
export class ResourceTracker {
  readonly #pools: readonly Pool[];
  /** Devices that have limits, and the instances that they have. */
  readonly #instances: ReadonlyMap<string, ReadonlySet<number>>;

  /** @throws ServingError `INVALID_ARGUMENT` for a limit that is not a non-negative number, or occurs twice. */
  constructor({ ramBytes = Number.POSITIVE_INFINITY, devices = [] }: ResourceLimits) {
    const pools = new Map<string, Pool>();
    const instances = new Map<string, Set<number>>();
    for (const limit of [ramOfMain(ramBytes), ...devices]) {
      const pool = new Pool(limit);
      if (!(limit.quantity >= 0)) throw invalid(`Resource limit for ${pool}`, limit.quantity);
      const isDefaultRam = pools.get(String(pool))?.limit === Number.POSITIVE_INFINITY;
      if (pools.has(String(pool)) && !isDefaultRam) {
        throw new ServingError('INVALID_ARGUMENT', `Resource limit for ${pool} is given twice`);
      }
      pools.set(String(pool), pool);
      instances.set(pool.device, (instances.get(pool.device) ?? new Set()).add(pool.instance));
    }
    this.#pools = [...pools.values()];
    this.#instances = instances;
  }

  /**
   * Reserves the estimate of a servable. Returns the shortage, with nothing reserved, if it does not fit.
   *
   * @throws ServingError `INVALID_ARGUMENT` for an estimate that makes no sense: not a non-negative number, or an instance that
   * its device doesn't have; `FAILED_PRECONDITION` when the servable holds a reservation already.
   */
  tryReserve(id: ServableId, estimate: ResourceEstimate): ResourceShortage | undefined {
    if (this.#pools.some((pool) => pool.heldBy(id) > 0)) {
      throw new ServingError('FAILED_PRECONDITION', `${formatServableId(id)} holds a reservation already`);
    }
    return this.tryToAdjust(id, estimate);
  }

  /**
   * Puts a new reservation in the place of the one that a servable holds, and returns nothing; or leaves it the old one, and
   * returns the shortage.
   *
   * @throws ServingError `INVALID_ARGUMENT` for an estimate that makes no sense.
   */
  tryToAdjust(id: ServableId, estimate: ResourceEstimate): ResourceShortage | undefined {
    const demands = this.#demands(id, estimate);
    for (const [pool, needed] of demands) {
      if (pool.used - pool.heldBy(id) + needed > pool.limit) return pool.shortage(needed);
    }
    this.release(id);
    for (const [pool, needed] of demands) pool.take(id, needed);
    return undefined;
  }

  /** Gives back what a servable holds. Does nothing when it holds nothing. */
  release(id: ServableId): void {
    for (const pool of this.#pools) pool.release(id);
  }

  /** What is held of the machine's memory, in bytes, and by whom. */
  get ram(): { readonly used: number; readonly limit: number; readonly holders: readonly ResourceHolder[] } {
    const pool = this.#pools[0]!;
    return { used: pool.used, limit: pool.limit, holders: pool.holders() };
  }

  #demands(id: ServableId, { ramBytes, devices = [] }: ResourceEstimate): Map<Pool, number> {
    const demands = new Map<Pool, number>();
    for (const quantity of [ramOfMain(ramBytes), ...devices]) {
      this.#check(id, quantity);
      if (quantity.quantity === 0) continue;
      for (const pool of this.#pools) {
        if (pool.covers(quantity)) demands.set(pool, (demands.get(pool) ?? 0) + quantity.quantity);
      }
    }
    return demands;
  }

  #check(id: ServableId, { device, instance, kind, quantity }: ResourceQuantity): void {
    const what = `Resource estimate of ${formatServableId(id)}`;
    if (!(quantity >= 0 && quantity < Number.POSITIVE_INFINITY))
      throw invalid(`${what}, ${kind} of ${device}`, quantity);
    const instances = this.#instances.get(device);
    if (instance === undefined || !instances || instances.has(instance)) return;
    throw new ServingError(
      'INVALID_ARGUMENT',
      `${what}: unknown instance ${device} ${instance}; known: ${[...instances].join(', ')}`,
    );
  }
}

/** One resource of one instance of a device, and who holds some of it. */
class Pool {
  readonly device: string;
  readonly instance: number;
  readonly kind: string;
  readonly limit: number;
  used = 0;
  readonly #holders = new Map<string, ResourceHolder>();

  constructor({ device, instance = 0, kind, quantity }: ResourceQuantity) {
    this.device = device;
    this.instance = instance;
    this.kind = kind;
    this.limit = quantity;
  }

  covers({ device, instance, kind }: ResourceQuantity): boolean {
    return device === this.device && kind === this.kind && (instance === undefined || instance === this.instance);
  }

  heldBy(id: ServableId): number {
    return this.#holders.get(formatServableId(id))?.quantity ?? 0;
  }

  take(id: ServableId, quantity: number): void {
    this.#holders.set(formatServableId(id), { id, quantity });
    this.#count();
  }

  release(id: ServableId): void {
    if (this.#holders.delete(formatServableId(id))) this.#count();
  }

  holders(): ResourceHolder[] {
    return [...this.#holders.values()].sort((a, b) => b.quantity - a.quantity);
  }

  shortage(needed: number): ResourceShortage {
    return { resource: String(this), needed, used: this.used, limit: this.limit, holders: this.holders() };
  }

  toString(): string {
    const isMachine = this.device === 'main' && this.instance === 0;
    return `${this.kind} of ${this.device}${isMachine ? '' : ` ${this.instance}`}`;
  }

  /** Recomputed each time, so that fractions leave no remainder. */
  #count(): void {
    this.used = 0;
    for (const { quantity } of this.#holders.values()) this.used += quantity;
  }
}

function invalid(what: string, value: number): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${what} must be a non-negative number (got ${value})`);
}

/** `RESOURCE_EXHAUSTED`: what a load lacks, and who holds it. */
export function insufficientResources(id: ServableId, shortage: ResourceShortage): ServingError {
  const { resource, needed, used, limit, holders } = shortage;
  const held = holders.map((holder) => `${formatServableId(holder.id)} (${holder.quantity})`).join(', ');
  return new ServingError(
    'RESOURCE_EXHAUSTED',
    `Insufficient resources to load servable ${formatServableId(id)}: it needs ${needed} ${resource}, ` +
      `${limit - used} of ${limit} available; in use by: ${held || 'none'}`,
  );
}
