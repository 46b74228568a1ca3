/** The header `grpc-timeout`: how long a client waits. */

const FORM = /^(\d{1,8}(?:\.\d+)?)([HMSmun])$/;
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * Returns whole milliseconds, rounded up; `undefined` for a value of another form. gRPC allows whole numbers only. Fractions are
 * accepted because connect-node sends them.
 */
export function parseGrpcTimeout(value: string): number | undefined {
  const match = FORM.exec(value);
  return match ? Math.ceil(Number(match[1]) * unitMs[match[2]!]!) : undefined;
}
