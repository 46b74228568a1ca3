/** Amounts of what a loaded servable holds (TensorFlow Serving's `resources/resources.proto`). */

/** So much of one kind of resource on one device. */
export interface ResourceQuantity {
  /** Such as `main`, the machine itself, or `gpu`. */
  readonly device: string;
  /**
   * Which of several devices of that name, from 0. Without it an estimate is for any one of them,
   * and a limit is for instance 0.
   */
  readonly instance?: number;
  /** Such as `ram_in_bytes`. */
  readonly kind: string;
  /** From 0, in the unit that `kind` names. */
  readonly quantity: number;
}

/** How much the servables of one manager may hold together. What is not named here is not limited. */
export interface ResourceLimits {
  /** Bytes of the machine's memory: `ram_in_bytes` of `main`. Default: no limit. */
  readonly ramBytes?: number;
  /** Limits of further devices and kinds. A device that is named here has only the instances that are named. */
  readonly devices?: readonly ResourceQuantity[];
}

/** `ram_in_bytes` of `main`, the one resource that every estimate has. */
export function ramOfMain(ramBytes: number): ResourceQuantity {
  return { device: 'main', kind: 'ram_in_bytes', quantity: ramBytes };
}
