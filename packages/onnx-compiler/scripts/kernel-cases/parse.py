"""Parsers: tf.Example, raw numbers, CSV, tensors."""
import zlib

import numpy as np
import tensorflow as tf


def texts(*values):
    return np.array(values, object)


def example(**features):
    def one(values):
        if isinstance(values[0], (bytes, str)):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[v.encode() if isinstance(v, str) else v for v in values]))
        if isinstance(values[0], float):
            return tf.train.Feature(float_list=tf.train.FloatList(value=values))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Example(features=tf.train.Features(feature={k: one(v) if v else tf.train.Feature() for k, v in features.items()})).SerializeToString()


EXAMPLES = [texts(example(x=[1.0, 2.0], id=[7], tags=['a', 'bb'], v=[1, 2, 3]), example(id=[8], v=[4]), example(x=[3.0, 4.0], id=[9], tags=['c'], v=[])),
            texts(example(id=[1], x=[1.0])), texts(example(x=[1.0, 2.0])), texts(example(id=[1.5])), texts('not an example'), texts(example(id=[1], tags=[1])),
            texts(example(id=[1], v=['x'])), texts(example(id=[1], x=[])), texts(example(id=[])), np.array([], object), texts(b'')]


def cases(case):
    none = texts()
    shape = tf.TensorShape
    for rows in EXAMPLES:
        case('ParseExampleV2', rows, none, texts('tags'), texts('x', 'id'), texts('v'), [np.float32([0.5, 1.5]), np.int64([])], num_sparse=1, sparse_types=[tf.string],
             ragged_value_types=[tf.int64], ragged_split_types=[tf.int32], dense_shapes=[shape([2]), shape([])])
        case('ParseExample', rows, none, [np.array('tags', object)], [np.array('x', object), np.array('id', object)], [np.float32([0.5, 1.5]), np.int64([])], sparse_types=[tf.string],
             dense_shapes=[shape([2]), shape([])])
    for rows in [EXAMPLES[0], EXAMPLES[1], EXAMPLES[6], EXAMPLES[9]]:
        case('ParseExampleV2', rows, none, texts(), texts('v'), texts(), [np.int64([])], num_sparse=0, sparse_types=[], ragged_value_types=[], ragged_split_types=[],
             dense_shapes=[shape([None])])
        case('ParseExampleV2', rows, none, texts(), texts('v'), texts(), [np.int64([-1])], num_sparse=0, sparse_types=[], ragged_value_types=[], ragged_split_types=[],
             dense_shapes=[shape([None])])
    case('ParseExampleV2', EXAMPLES[0], none, texts(), texts('v'), texts(), [np.int64([-1])], num_sparse=0, sparse_types=[], ragged_value_types=[], ragged_split_types=[],
         dense_shapes=[shape([None, 2])])
    case('ParseExampleV2', EXAMPLES[1], texts('first'), texts(), texts('x'), texts(), [np.float32([])], num_sparse=0, sparse_types=[], ragged_value_types=[], ragged_split_types=[],
         dense_shapes=[shape([2])])
    for rows in EXAMPLES:
        if len(rows):
            one = np.array(rows[0], object)
            case('ParseExampleV2', one, none, texts('tags'), texts('x', 'id'), texts('v'), [np.float32([0.5, 1.5]), np.int64([])], num_sparse=1, sparse_types=[tf.string],
                 ragged_value_types=[tf.int64], ragged_split_types=[tf.int64], dense_shapes=[shape([2]), shape([])])
            case('ParseSingleExample', one, [np.float32([0.5, 1.5]), np.int64([])], num_sparse=1, sparse_keys=['tags'], dense_keys=['x', 'id'], sparse_types=[tf.string],
                 dense_shapes=[shape([2]), shape([])])
    for dtype in [tf.int16, tf.float32, tf.uint8, tf.int64, tf.bool, tf.float64, tf.float16]:
        for little in [True, False]:
            case('DecodeRaw', texts(b'\1\0\2\0\3\0\4\0', b'\5\0\6\0\0\0\0\x40'), out_type=dtype, little_endian=little)
    case('DecodeRaw', texts('abc'), out_type=tf.int16)
    case('DecodeRaw', texts('ab', 'abcd'), out_type=tf.int16)
    case('DecodeRaw', texts(), out_type=tf.int16)
    case('DecodeRaw', np.array(b'\1\2', object), out_type=tf.uint8)
    case('DecodePaddedRaw', texts(b'\1\0\2\0\3', b'\5'), np.int32(4), out_type=tf.int16)
    case('DecodePaddedRaw', texts(b'\1\0\2\0\3', b'\5'), np.int32(3), out_type=tf.int16)
    for tensor in [np.float32([[1, 2]]), np.int64(5), texts('a', 'b'), np.array([True, False])]:
        case('ParseTensor', np.array(tf.io.serialize_tensor(tensor).numpy(), object), out_type=tf.as_dtype(tf.convert_to_tensor(tensor).dtype))
    case('ParseTensor', np.array(tf.io.serialize_tensor(np.int64(5)).numpy(), object), out_type=tf.float32)
    case('ParseTensor', np.array('nothing', object), out_type=tf.float32)
    case('DecodeCompressed', texts(zlib.compress(b'hello hello hello')), compression_type='ZLIB')
    case('DecodeCompressed', texts('abc'), compression_type='')
    records = [texts('1,2.5,abc', '4,5.5,"a, ""quoted"" one"'), texts('1,,x'), texts(',1,x'), texts('1,2'), texts('x,2,y'), texts('1,2,"open'), texts('1, 2 ,a b'), texts('1,2,a"b')]
    for rows in records:
        case('DecodeCSV', rows, [np.int32([]), np.float32([9]), texts('none')])
        case('DecodeCSV', rows, [np.int64([7]), texts('none')], select_cols=[0, 2])
    case('DecodeCSV', texts('1;NA;x'), [np.int64([]), np.float64([0.5]), texts()], field_delim=';', na_value='NA')
