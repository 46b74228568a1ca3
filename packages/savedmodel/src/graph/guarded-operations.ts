/**
 * Operations whose kernels end the process for inputs of a wrong shape, where others fail with an error, and what they ask for. Found by
 * running the kernels of TensorFlow 2.21 for CPUs, with oneDNN, on inputs of every rank.
 */
import type { GraphNode } from '@serving/protos/saved-model';
import { ofRank, type ShapeRequirement } from './shape-requirement.js';
import { convolutionWindows, poolWindows, smallestInput } from './windows.js';

/** What an input of a node must be like, by the input's position. */
export type SlotRequirements = readonly (readonly [slot: number, requirement: ShapeRequirement])[];

/** The known shape of a node's input; sizes that aren't known are -1. */
export type ShapeOfInput = (slot: number) => readonly number[] | undefined;

type Guard = (node: GraphNode, shapeOf: ShapeOfInput) => SlotRequirements;

const ranks =
  (rank: number, ...slots: readonly number[]): Guard =>
  () =>
    slots.map((slot) => [slot, ofRank(rank)]);

/** A pooling that divides by the size of its output, which is 0 where the window is larger than the input. */
const pool =
  (rank: number): Guard =>
  (node) => [[0, ofRank(rank, smallestInput(poolWindows(node, rank)))]];

const quantizedConvolution: Guard = (node, shapeOf) => [
  [0, ofRank(4, smallestInput(convolutionWindows(node, 4, shapeOf(1))))],
];

const guards: ReadonlyMap<string, Guard> = new Map<string, Guard>([
  ['Conv2D', ranks(4, 0)],
  ['Conv3D', ranks(5, 0)],
  ['DepthwiseConv2dNative', ranks(4, 0)],
  ['Conv2DBackpropFilter', ranks(4, 0, 2)],
  ['Conv3DBackpropFilter', ranks(5, 0, 2)],
  ['Conv3DBackpropFilterV2', ranks(5, 0, 2)],
  ['DepthwiseConv2dNativeBackpropFilter', ranks(4, 0, 2)],
  ['MaxPool', pool(4)],
  ['MaxPool3D', pool(5)],
  ['AvgPool', ranks(4, 0)],
  ['AvgPool3D', ranks(5, 0)],
  ['AvgPoolGrad', ranks(4, 1)],
  ['LRN', ranks(4, 0)],
  ['FusedBatchNorm', ranks(4, 0)],
  ['FusedBatchNormV2', ranks(4, 0)],
  ['FusedBatchNormV3', () => [[0, { minRank: 4, maxRank: 5 }]]],
  ['LSTMBlockCell', ranks(2, 0, 1, 2, 3)],
  ['FakeQuantWithMinMaxVarsPerChannel', () => [[0, { minRank: 1, maxRank: Number.POSITIVE_INFINITY }]]],
  ['CombinedNonMaxSuppression', ranks(3, 1)],
  ['QuantizedInstanceNorm', () => [[0, { ...ofRank(4), isNonEmpty: true }]]],
  ['EncodePng', () => [[0, { minRank: 0, maxRank: Number.POSITIVE_INFINITY, isNonEmpty: true }]]],
]);

/** The operations, for documentation and tests. */
export const guardedOperations: readonly string[] = [...guards.keys()];

/** The requirements of a node on its inputs; none for most operations. */
export function requirementsOf(node: GraphNode, shapeOf: ShapeOfInput): SlotRequirements {
  return guardOf(node.op)?.(node, shapeOf) ?? [];
}

/** Whether an operation has requirements. */
export function isGuarded(op: string): boolean {
  return guardOf(op) !== undefined;
}

/** Operations that answer an input without rows by its own shape rather than by the one that their output has. */
export const wrongWithoutRows: ReadonlySet<string> = new Set(['Conv2D', 'Conv3D', 'DepthwiseConv2dNative']);

function guardOf(op: string): Guard | undefined {
  // Some dozens, by what is fused with them.
  return guards.get(op) ?? (/^Quantized(Depthwise)?Conv2D/.test(op) ? quantizedConvolution : undefined);
}
