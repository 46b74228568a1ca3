import type { ModelServer } from '@serving/core';

export async function halfPlusTwo(server: ModelServer, x: number): Promise<number | undefined> {
  const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [x] } });
  const { y } = outputs;
  if (y?.dtype !== 'float') throw new TypeError(`half_plus_two gave ${y?.dtype} instead of float`);
  return y.data[0]; // y.data is a Float32Array
}
