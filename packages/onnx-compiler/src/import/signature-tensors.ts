/** The tensors that a signature feeds and fetches. */
import { ServingError } from '@serving/core';
import type { SignatureDef, TensorInfo } from '@serving/core/extend';
import { type DataType, dataTypeFromNumber, type PartialShape } from '@serving/core/tensor';
import type { GraphNode, SignatureInput } from '../graph/graph.js';
import { fullTensorName } from './tensor-name.js';

/** A tensor that an output of a signature is, or is made of. */
export interface FetchedTensor {
  readonly alias: string;
  /** With its index: `y:0`. */
  readonly tensor: string;
}

/** Inputs as `_Input` nodes. @throws ServingError `UNIMPLEMENTED` for inputs that are not one tensor. */
export function signatureInputs(signature: SignatureDef): SignatureInput[] {
  const fed = new Map<string, string>();
  return Array.from(signature.inputs, ([alias, info]) => {
    const { name } = info;
    if (name === undefined || name === '') {
      throw new ServingError('UNIMPLEMENTED', `signature input "${alias}" is made of several tensors`);
    }
    const tensor = fullTensorName(name);
    const other = fed.get(tensor);
    if (other !== undefined) {
      throw new ServingError('UNIMPLEMENTED', `signature inputs "${other}" and "${alias}" are one tensor (${tensor})`);
    }
    fed.set(tensor, alias);
    return { alias, tensor, node: inputNode(alias, info) };
  });
}

function inputNode(alias: string, info: TensorInfo): GraphNode {
  const outputs = [{ dtype: dtypeOf(info), shape: shapeOf(info) }];
  return { op: '_Input', name: alias, attributes: new Map(), inputs: [], outputs };
}

function dtypeOf({ dtype }: TensorInfo): DataType {
  return dataTypeFromNumber(dtype) ?? 'invalid';
}

function shapeOf({ tensorShape }: TensorInfo): PartialShape {
  if (!tensorShape || tensorShape.unknownRank) return undefined;
  return tensorShape.dim.map(({ size }) => Number(size));
}

/** Outputs; those that are made of several tensors as `alias.0`, `alias.1`, …. */
export function fetchedTensors(signature: SignatureDef): FetchedTensor[] {
  return Array.from(signature.outputs, ([alias, info]) => {
    const names = tensorNames(info);
    if (names.length === 1) return [{ alias, tensor: fullTensorName(names[0]!) }];
    return names.map((name, i) => ({ alias: `${alias}.${i}`, tensor: fullTensorName(name) }));
  }).flat();
}

/** In the order of components; those of a sparse tensor are indices, values and dense shape. */
function tensorNames(info: TensorInfo): string[] {
  const names: string[] = [];
  const work = [info];
  for (let next = work.pop(); next; next = work.pop()) {
    const { name, cooSparse, compositeTensor } = next;
    if (compositeTensor) work.push(...compositeTensor.components.toReversed());
    else if (cooSparse) {
      names.push(cooSparse.indicesTensorName, cooSparse.valuesTensorName, cooSparse.denseShapeTensorName);
    } else if (name !== undefined && name !== '') names.push(name);
  }
  return names;
}
