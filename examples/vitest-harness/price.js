/** The code that is tested: asks a model, and goes on where it isn't there. */
import { ServingError } from '@serving/core';

/** A price for so many square metres; `undefined` while the model is not available. */
export async function estimatePrice(server, area, timeoutMs = 100) {
  try {
    const { outputs } = await server.predict({ model: 'prices', inputs: { x: [area] }, timeoutMs });
    return outputs.y.data[0];
  } catch (error) {
    const { code } = ServingError.from(error);
    if (code === 'NOT_FOUND' || code === 'DEADLINE_EXCEEDED') return undefined;
    throw error;
  }
}
