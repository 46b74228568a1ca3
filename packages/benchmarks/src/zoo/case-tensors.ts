/** Inputs and answers of a zoo's model. */
import { readFile } from 'node:fs/promises';
import { decodeNpy, decodeNpz } from '@serving/core/npy';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';

/**
 * Reads an archive whose entries are arrays, or forms of tensors that NumPy lacks: `KEY#bytes`, `KEY#ends` and `KEY#shape` for
 * strings, `KEY#bf16` for bfloat16 as bits.
 */
export async function readCaseTensors(path: string): Promise<ReadonlyMap<string, Tensor>> {
  const arrays = new Map<string, Tensor>();
  for (const [key, read] of decodeNpz(await readFile(path), path)) arrays.set(key, decodeNpy(read(), `${path} ${key}`));
  const tensors = new Map<string, Tensor>();
  for (const [key, array] of arrays) {
    const [name = '', form] = key.split('#');
    if (form === undefined) tensors.set(name, array);
    else if (form === 'bf16') tensors.set(name, createTensor('bfloat16', array.shape, array.data as Uint16Array));
    else if (form === 'bytes')
      tensors.set(name, strings(array, arrays.get(`${name}#ends`)!, arrays.get(`${name}#shape`)!));
  }
  return tensors;
}

function strings({ data }: Tensor, { data: ends }: Tensor, { data: shape }: Tensor): Tensor {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const end of ends as BigInt64Array) {
    parts.push((data as Uint8Array).slice(start, Number(end)));
    start = Number(end);
  }
  return createTensor('string', Array.from(shape as BigInt64Array, Number), StringArray.from(parts));
}
