/** A bounded trial on loopback: what a hostile or unlucky client does to a server of ours. */
export interface Attack {
  /** The name on the command line. */
  readonly name: string;
  /** One line for the list of attacks. */
  readonly description: string;
  /** Starts what it needs, attacks it, stops it. Throws only where the trial itself can't run. */
  run(): Promise<AttackReport>;
}

/** What an attack found. */
export interface AttackReport {
  /** Whether the server stayed correct: nothing ended, nothing lost, nothing left open. */
  readonly passed: boolean;
  /** Counts, milliseconds and bytes, by name. */
  readonly figures: Readonly<Record<string, number | string>>;
}
