/** Convolutions, pooling and operations on images. */
import type { TensorDataType } from '@serving/core/tensor';
import type { AttributeValue } from '../../../../onnx-compiler/src/graph/attributes.js';
import { attribute } from '../../../../test-doubles/src/saved-model-builder.js';
import { differentOnSome, type OpCase, opCase, overTypes } from '../op-case.test-support.js';
import { between, constant, constantScalar, mixed, scalar, tensor } from '../values.test-support.js';

type Attributes = Readonly<Record<string, AttributeValue>>;

const sized = (dtype: TensorDataType, shape: readonly number[], seed = 1) => ({ sized: mixed(dtype, shape, seed) });
const weights = (shape: readonly number[], dtype: TensorDataType = 'float') => ({ constant: mixed(dtype, shape, 9) });
const windows = (padding: string, strides: number, dilations = 1, format = 'NHWC'): Attributes => {
  const bySpace = (value: number) =>
    attribute.ints(...(format === 'NHWC' ? [1, value, value, 1] : [1, 1, value, value]));
  return {
    padding: attribute.text(padding),
    strides: bySpace(strides),
    dilations: bySpace(dilations),
    data_format: attribute.text(format),
  };
};

const tolerance = { relative: 1e-5, absolute: 1e-4 };
const image = [2, 7, 6, 3];

const convolutions: readonly OpCase[] = [
  ...['SAME', 'VALID'].flatMap((padding) =>
    [1, 2, 3].flatMap((stride) =>
      [1, 2, 3].map((size) =>
        opCase('Conv2D', [sized('float', image), weights([size, size, 3, 4])], {
          name: `${padding} /${stride}`,
          attributes: windows(padding, stride),
          tolerance,
        }),
      ),
    ),
  ),
  ...['SAME', 'VALID'].map((padding) =>
    opCase('Conv2D', [sized('float', [2, 9, 8, 3]), weights([3, 3, 3, 4])], {
      name: `${padding} dilated`,
      attributes: windows(padding, 1, 2),
      tolerance,
    }),
  ),
  opCase('Conv2D', [sized('float', image), weights([2, 3, 3, 4])], {
    name: 'EXPLICIT',
    attributes: { ...windows('EXPLICIT', 2), explicit_paddings: attribute.ints(0, 0, 1, 2, 0, 1, 0, 0) },
    tolerance,
  }),
  opCase('Conv2D', [sized('float', [2, 6, 6, 4]), weights([3, 3, 2, 6])], {
    name: 'in groups',
    attributes: windows('SAME', 1),
    tolerance,
  }),
  ...['SAME', 'VALID'].flatMap((padding) =>
    [1, 2].flatMap((stride) =>
      [1, 2].map((multiplier) =>
        opCase('DepthwiseConv2dNative', [sized('float', image), weights([3, 3, 3, multiplier])], {
          name: `${padding} /${stride}`,
          attributes: windows(padding, stride),
          tolerance,
        }),
      ),
    ),
  ),
  ...differentOnSome(
    'TensorFlow dilates with oneDNN only, which is off by default on processors without AVX-512 VNNI',
    opCase('DepthwiseConv2dNative', [sized('float', [1, 9, 9, 2]), weights([3, 3, 2, 2])], {
      name: 'dilated',
      attributes: windows('SAME', 1, 2),
      tolerance,
    }),
  ),
  ...['SAME', 'VALID'].map((padding) =>
    opCase('Conv3D', [sized('float', [1, 4, 5, 6, 2]), weights([2, 3, 2, 2, 3])], {
      name: padding,
      attributes: { padding: attribute.text(padding), strides: attribute.ints(1, 2, 1, 2, 1) },
      tolerance,
    }),
  ),
];

const sizes = [
  ['SAME', 2, 3, 6, 8],
  ['SAME', 2, 3, 5, 7],
  ['SAME', 3, 2, 9, 11],
  ['SAME', 1, 4, 3, 4],
  ['VALID', 2, 3, 7, 9],
  ['VALID', 2, 3, 8, 10],
  ['VALID', 3, 2, 8, 11],
] as const;

const transposed: readonly OpCase[] = sizes.map(([padding, stride, size, height, width]) => {
  const image = sized('float', [2, 3, 4, 3]);
  return opCase('Conv2DBackpropInput', [constant('int32', [2, height, width, 2]), weights([size, size, 2, 3]), image], {
    name: `${padding} /${stride} to ${height}x${width}`,
    attributes: windows(padding, stride),
    tolerance,
  });
});

const pools: readonly OpCase[] = ['MaxPool', 'AvgPool'].flatMap((op) =>
  ['SAME', 'VALID'].flatMap((padding) =>
    [
      [2, 2],
      [3, 1],
      [3, 2],
    ].flatMap(([size, stride]) =>
      [sized('float', image), mixed('float', image, 3)].map((input) =>
        opCase(op, [input], {
          name: `${padding} ${size}/${stride}`,
          attributes: { ...windows(padding, stride!), ksize: attribute.ints(1, size!, size!, 1) },
        }),
      ),
    ),
  ),
);

const argmax: readonly OpCase[] = [false, true].map((included) =>
  opCase('MaxPoolWithArgmax', [sized('float', image)], {
    name: included ? 'with rows' : 'in each row',
    attributes: {
      ...windows('SAME', 2),
      ksize: attribute.ints(1, 2, 2, 1),
      include_batch_in_index: attribute.bool(included),
      Targmax: attribute.type('int64'),
    },
  }),
);

const batchNormInputs = [
  sized('float', image),
  ...[
    [1, 2, 3],
    [0.5, 0, -1],
    [0.1, 0.2, 0.3],
    [1, 2, 0.5],
  ].map((of) => tensor('float', of)),
];
const batchNormAttributes: Attributes = {
  is_training: attribute.bool(false),
  epsilon: attribute.float(0.01),
  U: attribute.type('float'),
};

const normalizations: readonly OpCase[] = [
  opCase('FusedBatchNormV3', batchNormInputs, { attributes: batchNormAttributes, followedBy: ['Relu'] }),
  ...differentOnSome(
    'the outputs for training are other ones without oneDNN; inference has no use for them',
    opCase('FusedBatchNormV3', batchNormInputs, { attributes: batchNormAttributes }),
  ),
  opCase('LRN', [sized('float', [2, 3, 4, 9])], { name: 'by default' }),
  opCase('LRN', [sized('float', [2, 3, 4, 9])], {
    attributes: { depth_radius: attribute.int(2), alpha: attribute.float(0.1), beta: attribute.float(0.75) },
  }),
];

const scales: readonly (readonly [string, Attributes])[] = [
  ['', {}],
  ['between pixels', { half_pixel_centers: attribute.bool(true) }],
  ['with aligned corners', { align_corners: attribute.bool(true) }],
];

const resizes: readonly OpCase[] = [
  ...['ResizeBilinear', 'ResizeNearestNeighbor', 'ResizeBicubic'].flatMap((op) =>
    scales.flatMap(([name, attributes]) =>
      [
        [3, 4],
        [8, 13],
        [7, 1],
      ].map((size) => {
        const bounds = op === 'ResizeNearestNeighbor' ? undefined : { relative: 1e-5, absolute: 1e-5 };
        return opCase(op, [sized('float', image), constant('int32', size)], {
          name: `to ${size} ${name}`,
          attributes,
          ...(bounds && { tolerance: bounds }),
        });
      }),
    ),
  ),
  ...['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((op) =>
    scales.map(([name, attributes]) =>
      opCase(op, [mixed('float', image), tensor('int32', [5, 9])], {
        name: `to sizes that are fed ${name}`,
        attributes,
        tolerance: { relative: 1e-5, absolute: 1e-5 },
      }),
    ),
  ),
  ...['ResizeBilinear', 'ResizeNearestNeighbor', 'ResizeArea'].flatMap((op) =>
    overTypes(
      op,
      ['uint8', 'int32'],
      (dtype) => [{ sized: between(dtype, image, 0, 200) }, constant('int32', [4, 9])],
      {
        tolerance: { relative: 1e-5, absolute: 1e-5 },
      },
    ),
  ),
  ...[
    [3, 3],
    [7, 12],
    [2, 5],
  ].map((size) => opCase('ResizeArea', [sized('float', image), constant('int32', size)], { name: `to ${size}` })),
  ...['triangle', 'lanczos3', 'lanczos5', 'keyscubic', 'mitchellcubic', 'gaussian', 'box'].flatMap((kernel) =>
    [true, false].map((antialias) =>
      opCase(
        'ScaleAndTranslate',
        [
          sized('float', image),
          constant('int32', [4, 9]),
          constant('float', [4 / 7, 9 / 6]),
          constant('float', [0, 0]),
        ],
        {
          name: `${kernel}${antialias ? ' smoothed' : ''}`,
          attributes: { kernel_type: attribute.text(kernel), antialias: attribute.bool(antialias) },
          tolerance: { relative: 1e-5, absolute: 1e-5 },
        },
      ),
    ),
  ),
];

const boxes = [0, 0, 1, 1, 0.1, 0.2, 0.7, 0.9, 0.9, 0.8, 0.1, 0.3, -0.5, 0, 1.5, 1];
const crops: readonly OpCase[] = ['bilinear', 'nearest'].flatMap((method) =>
  [1, 4].map((count) =>
    opCase(
      'CropAndResize',
      [
        sized('float', [2, 5, 6, 3]),
        tensor('float', boxes.slice(0, 4 * count), [count, 4]),
        tensor('int32', [0, 1, 0, 1].slice(0, count)),
        constant('int32', [3, 4]),
      ],
      {
        name: `${method} ${count}`,
        attributes: { method: attribute.text(method), extrapolation_value: attribute.float(7) },
      },
    ),
  ),
);

const overlapping = tensor('float', [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 2, 1, 3, 1, 1.1, 0, 0.1, 0.2, 2, 1, 3], [5, 4]);
const scores = tensor('float', [0.9, 0.75, 0.6, 0.95, 0.6]);
const suppressions: readonly OpCase[] = [
  opCase('NonMaxSuppression', [overlapping, scores, scalar('int32', 3)]),
  opCase('NonMaxSuppressionV2', [overlapping, scores, scalar('int32', 3), scalar('float', 0.5)]),
  ...[-1, 0.7, 2].map((limit) =>
    opCase(
      'NonMaxSuppressionV3',
      [overlapping, scores, scalar('int32', 4), scalar('float', 0.5), scalar('float', limit)],
      {
        name: `above ${limit}`,
      },
    ),
  ),
  ...[true, false].map((padded) =>
    opCase('NonMaxSuppressionV4', [overlapping, scores, scalar('int32', 4), scalar('float', 0.5), scalar('float', 0)], {
      name: padded ? 'padded' : '',
      attributes: { pad_to_max_output_size: attribute.bool(padded) },
    }),
  ),
  opCase('NonMaxSuppressionV5', [
    overlapping,
    scores,
    scalar('int32', 4),
    scalar('float', 0.5),
    scalar('float', 0),
    constantScalar('float', 0),
  ]),
  ...[true, false].flatMap((clipped) =>
    [true, false].map((perClass) =>
      opCase(
        'CombinedNonMaxSuppression',
        [
          { sized: between('float', [2, 6, 1, 4], -0.2, 1.2) },
          { sized: between('float', [2, 6, 3], 0, 1) },
          constantScalar('int32', 2),
          constantScalar('int32', 9),
          constantScalar('float', 0.4),
          constantScalar('float', 0.2),
        ],
        {
          name: `${clipped ? 'clipped' : ''} ${perClass ? 'per class' : ''}`,
          attributes: { clip_boxes: attribute.bool(clipped), pad_per_class: attribute.bool(perClass) },
        },
      ),
    ),
  ),
];

const picture = { sized: between('float', [2, 3, 4, 3], 0, 1) };
const colors: readonly OpCase[] = [
  opCase('RGBToHSV', [picture]),
  opCase('HSVToRGB', [picture]),
  opCase('AdjustHue', [picture, scalar('float', 0.3)], { tolerance: { relative: 1e-5, absolute: 1e-5 } }),
  opCase('AdjustSaturation', [picture, scalar('float', 1.7)], { tolerance: { relative: 1e-5, absolute: 1e-5 } }),
  opCase('AdjustContrastv2', [picture, scalar('float', 1.7)], { tolerance: { relative: 1e-5, absolute: 1e-5 } }),
];

const quantized: readonly OpCase[] = [
  [-6, 6, 8],
  [0, 6, 8],
  [-1, 3, 4],
  [0.5, 3, 8],
].flatMap(([least, most, bits]) => {
  const attributes = { num_bits: attribute.int(bits!), narrow_range: attribute.bool(bits === 4) };
  return [
    opCase('FakeQuantWithMinMaxArgs', [between('float', [40], -8, 8)], {
      name: `${least} to ${most}`,
      attributes: { ...attributes, min: attribute.float(Math.min(least!, 0)), max: attribute.float(most!) },
    }),
    opCase(
      'FakeQuantWithMinMaxVars',
      [between('float', [40], -8, 8), constantScalar('float', least!), constantScalar('float', most!)],
      {
        name: `${least} to ${most}`,
        attributes,
      },
    ),
  ];
});

const patches: readonly OpCase[] = ['SAME', 'VALID'].flatMap((padding) =>
  overTypes('ExtractImagePatches', ['float', 'uint8'], (dtype) => [{ sized: between(dtype, image, 0, 100) }], {
    name: padding,
    attributes: {
      padding: attribute.text(padding),
      ksizes: attribute.ints(1, 2, 3, 1),
      strides: attribute.ints(1, 2, 1, 1),
      rates: attribute.ints(1, 1, 2, 1),
    },
  }),
);

export const imageCases: readonly OpCase[] = [
  ...convolutions,
  ...transposed,
  ...pools,
  ...argmax,
  ...normalizations,
  ...resizes,
  ...crops,
  ...suppressions,
  ...colors,
  ...quantized,
  opCase('FakeQuantWithMinMaxVarsPerChannel', [
    between('float', [9, 2], -8, 8),
    constant('float', [-1, 0]),
    constant('float', [2, 5]),
  ]),
  ...patches,
];
