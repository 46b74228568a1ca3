"""Arithmetic: broadcasting, wrapping, rounding, special values, errors."""
import numpy as np
import tensorflow as tf

INTEGERS = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64']
FLOATS = ['float16', 'float32', 'float64', 'bfloat16']
NAN, INF = np.nan, np.inf
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1.5, 3.0, 1e-3, 65504.0, NAN, INF, -INF]


def of(dtype):
    return tf.dtypes.as_dtype(dtype).as_numpy_dtype


def edges(dtype):
    info = np.iinfo(dtype)
    values = [info.min, info.max, 0, 1, 7, 100, info.max // 2 + 1]
    return np.array(values + ([-1, -7] if info.min < 0 else [3, 5]), dtype)


def cases(case):
    for dtype in INTEGERS:
        x = edges(dtype)
        grid = x[:, None]
        for op in ['AddV2', 'Sub', 'Mul', 'Maximum', 'Minimum', 'Less', 'GreaterEqual', 'Equal', 'NotEqual', 'BitwiseAnd', 'BitwiseXor']:
            case(op, grid, x)
        for op in ['FloorDiv', 'FloorMod', 'TruncateDiv', 'TruncateMod', 'Div', 'Mod'] if dtype in ('int32', 'int64') else ['FloorDiv', 'FloorMod']:
            y = x[(x != 0) & (x != (-1 if x.dtype.kind == 'i' else 0))]
            case(op, grid, y)
            if not op.startswith('Truncate') and (op != 'FloorMod' or dtype[0] != 'u'):
                case(op, x[:2], np.zeros(1, dtype))
        for op in ['Sum', 'Max', 'Min', 'Prod', 'Mean']:
            if op != 'Mean' or dtype in ('int32', 'int64'):
                case(op, np.stack([x[2:6], x[1:5]]) if op != 'Mean' else x[2:8].reshape(2, 3), np.int32([1]), keep_dims=True)
                if op != 'Mean':
                    case(op, x, np.int32([0]), keep_dims=False)
        if dtype[0] != 'u':
            case('Neg', x)
            case('Abs', x)
            case('Sign', x)
        case('OnesLike', x)
        for target in INTEGERS + FLOATS + ['bool']:
            case('Cast', x, DstT=tf.dtypes.as_dtype(target))
    for dtype in ['int32', 'int64']:
        case('Pow', of(dtype)([2, -3, 7, 0]), of(dtype)([31, 3, 40, 0]))
        case('Pow', of(dtype)([2]), of(dtype)([-1]))
        case('SquaredDifference', edges(dtype), of(dtype)(3))
        case('Square', edges(dtype))
        case('Invert', edges(dtype))
    for dtype in FLOATS:
        x = np.array(SPECIAL, np.float64).astype(of(dtype))
        grid = x[:, None]
        for op in ['AddV2', 'Sub', 'Mul', 'RealDiv', 'FloorDiv', 'FloorMod', 'Maximum', 'Minimum', 'Less', 'LessEqual', 'Greater', 'Equal', 'NotEqual', 'DivNoNan',
                   'SquaredDifference', 'Xdivy', 'Xlogy', 'MulNoNan']:
            if op not in ('MulNoNan',) or dtype != 'bfloat16':
                case(op, grid, x)
        for op in ['Neg', 'Abs', 'Sign', 'Square', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Exp', 'Expm1', 'Log', 'Log1p', 'Sin', 'Cos', 'Tanh', 'Sigmoid', 'Relu', 'Relu6',
                   'Floor', 'Ceil', 'Rint', 'Round', 'IsNan', 'IsInf', 'IsFinite', 'OnesLike', 'Softplus']:
            if op != 'Rint' or dtype in ('float32', 'float64'):
                case(op, x)
        for op in ['Sum', 'Mean', 'Max', 'Min', 'Prod']:
            case(op, x[2:8].reshape(2, 3), np.int32([-1]), keep_dims=False)
            case(op, x[:0].reshape(0, 2), np.int32([0]), keep_dims=False)
            case(op, x[2:8].reshape(2, 3), np.int32([]), keep_dims=False)
        case('Max', x, np.int32([0]))
        case('Min', x[:10], np.int32([0]))
        for target in INTEGERS + FLOATS + ['bool']:
            case('Cast', np.array([0.0, -0.0, 1.9, -1.9, 2.5, 100.7], np.float64).astype(of(dtype)), DstT=tf.dtypes.as_dtype(target))
        case('Range', of(dtype)(0), of(dtype)(2), of(dtype)(0.25))
        if dtype in ('float32', 'float64'):
            case('LinSpace', of(dtype)(-1), of(dtype)(1), np.int32(5))
    case('Pow', np.float32([2, -8, 0, 1, NAN, -1]), np.float32([0.5, 1 / 3, 0, NAN, 0, INF]))
    case('Cast', np.float32([NAN, INF, -INF, 1e20, -1e20, 3e9, 300, -300]), DstT=tf.int32)
    case('Cast', np.float32([NAN, INF, -INF, 1e20, -1e20, 3e9, 300, -300]), DstT=tf.int64)
    case('Cast', np.float32([300, -1, 255.9, 1000]), DstT=tf.uint8)
    case('Cast', np.float64([2 ** 31, 3e9, 2 ** 32 - 1]), DstT=tf.uint32)
    case('Cast', np.float64([2.0 ** 63, 1e19]), DstT=tf.uint64)
    case('Cast', np.array([True, False]), DstT=tf.float32)
    case('Cast', np.complex64([1 + 2j, -3j]), DstT=tf.float32)
    case('Cast', np.float32([1.5]), DstT=tf.complex128)
    case('Cast', np.array([True, False]), DstT=tf.int64)
    for dtype in ['int32', 'int64', 'float32', 'float64']:
        case('Range', of(dtype)(3), of(dtype)(-4), of(dtype)(-2))
        case('Range', of(dtype)(1), of(dtype)(1), of(dtype)(1))
        case('Range', of(dtype)(3), of(dtype)(0), of(dtype)(1))
        case('Range', of(dtype)(0), of(dtype)(3), of(dtype)(0))
    case('LinSpace', np.float32(0), np.float32(3), np.int32(1))
    case('LinSpace', np.float32(0), np.float32(3), np.int32(0))
    for index in [tf.int32, tf.int64]:
        case('ArgMax', np.float32([[1, 3, 3], [NAN, 2, NAN], [NAN, NAN, NAN]]), np.int32(1), output_type=index)
        case('ArgMin', np.int64([[4, 1], [1, 1]]), np.int32(-1), output_type=index)
    case('ArgMax', np.zeros((2, 0, 3), np.float32), np.int32(1))
    case('Sum', np.float32([1, 2]), np.int32([1]))
    case('All', np.array([[True, False], [True, True]]), np.int32([1]), keep_dims=True)
    case('Any', np.array([[False, False], [True, True]]), np.int32([0, 1]))
    case('All', np.zeros((0, 2), bool), np.int32([0]))
    case('LogicalAnd', np.array([[True], [False]]), np.array([True, False]))
    case('LogicalOr', np.array([[True], [False]]), np.array([True, False]))
    case('LogicalNot', np.array([True, False]))
    case('AddV2', np.float32([1, 2]), np.float32([1, 2, 3]))
    case('AddV2', np.zeros((2, 0, 3), np.float32), np.float32([1, 2, 3]))
    case('AddV2', np.float32(1), np.float32(2))
    case('Equal', np.float32([1, 2]), np.float32([1, 2, 3]), incompatible_shape_error=False)
    case('NotEqual', np.float32([1, 2]), np.float32([1, 2, 3]), incompatible_shape_error=False)
    case('Equal', np.array([b'a', b'\xff', b''], object), np.array(b'a', object))
    case('Equal', np.array([True, False]), np.array([True, True]))
    case('Equal', np.complex64([1 + 2j, 1]), np.complex64([1 + 2j, 1j]))
    case('Fill', np.int32([2, 3]), np.float32(1.5))
    case('Fill', np.int64([0, 3]), np.array(b'ab', object))
    case('Fill', np.int32([-1]), np.float32(1.5))
    for axis in [-1, 0, 1]:
        case('OneHot', np.int64([[0, 2], [-1, 3]]), np.int32(3), np.float32(5), np.float32(-1), axis=axis)
    case('OneHot', np.uint8([1, 0]), np.int32(2), np.array(b'on', object), np.array(b'off', object))
    case('OneHot', np.int32([0]), np.int32(-1), np.int32(1), np.int32(0))
    case('ClipByValue', np.float32([-5, 0.5, 9, NAN]), np.float32(0), np.float32(6))
