"""Strings: case, pieces, hashes, numbers as text."""
import numpy as np
import tensorflow as tf

NAN, INF = np.nan, np.inf


def texts(*values):
    return np.array(values, object)


SAMPLES = texts('abc', 'Hello World 42', '  padded\t', '', 'aab aaa b', 'ÉTÉ straße', 'a\0b', b'\xff\xfea', 'İŉǅ', '\u00a0x\u00a0', '😀é')


def cases(case):
    for encoding in ['', 'utf-8']:
        case('StringLower', SAMPLES, encoding=encoding)
        case('StringUpper', SAMPLES, encoding=encoding)
    case('StringStrip', SAMPLES)
    for unit in ['BYTE', 'UTF8_CHAR']:
        case('StringLength', SAMPLES, unit=unit)
        case('Substr', texts('hello', 'wörld', 'x😀y'), np.int32(1), np.int32(2), unit=unit)
        case('Substr', texts('hello', 'wörld', 'x😀y'), np.int32([-2, -3, 0]), np.int32([9, 2, 3]), unit=unit)
        case('Substr', texts('hi'), np.int32([3]), np.int32([1]), unit=unit)
        case('Substr', texts('hi'), np.int32(3), np.int32(1), unit=unit)
        case('Substr', texts(['hi', 'ho']), np.int32([[3, 0]]), np.int32([[1, 1]]), unit=unit)
        case('Substr', np.array('hi', object), np.int64(-3), np.int64(1), unit=unit)
        case('Substr', np.array('hello', object), np.int64([0, 5]), np.int64([1, 1]), unit=unit)
    case('StringJoin', [texts('a', 'b'), np.array('-', object), texts('c', '')], separator='+')
    case('StringJoin', [np.array('a', object), np.array('b', object)])
    case('StringJoin', [texts('a', 'b'), texts('c')])
    grid = texts(['a', 'b', 'c'], ['d', 'e', 'f'])
    for axes in [[0], [1], [0, 1], [1, 0], [-1], []]:
        case('ReduceJoin', grid, np.int32(axes), keep_dims=False, separator='.')
    case('ReduceJoin', grid, np.int32([1]), keep_dims=True, separator='')
    case('ReduceJoin', grid[:, :0], np.int32([1]), keep_dims=False, separator='')
    case('ReduceJoin', grid, np.int32([2]), keep_dims=False, separator='')
    case('ReduceJoin', grid, np.int32([0, 0]), keep_dims=False, separator='')
    case('UnsortedSegmentJoin', texts('a', 'b', 'c', 'd'), np.int32([1, 0, 1, -1]), np.int32(3), separator=', ')
    case('UnsortedSegmentJoin', grid, np.int64([1, 1]), np.int32(2), separator='|')
    case('UnsortedSegmentJoin', texts('a'), np.int32([3]), np.int32(3))
    for sep in ['', ' ', ', ', 'ab']:
        for maxsplit in [-1, 0, 1, 2]:
            case('StringSplitV2', texts('a b  c', '', ' ab, x, y,', 'ababab', '\t\n'), np.array(sep, object), maxsplit=maxsplit)
    case('StringSplitV2', texts(), np.array('', object))
    for skip in [True, False]:
        for delimiter in ['', ' ', ' ,']:
            case('StringSplit', texts('a b,  c', '', ',x'), np.array(delimiter, object), skip_empty=skip)
    for widths, pad, preserve in [([2], 0, False), ([1, 2], -1, False), ([3], 1, False), ([4], 0, True), ([2, 3], 0, True), ([5], 2, True)]:
        case('StringNGrams', texts('a', 'b', 'c', 'd', 'e'), np.int64([0, 3, 3, 4, 5]), separator='|', ngram_widths=widths, left_pad='<', right_pad='>', pad_width=pad,
             preserve_short_sequences=preserve)
    case('StringNGrams', texts('a', 'b'), np.int64([0, 3]), separator='|', ngram_widths=[2], left_pad='<', right_pad='>', pad_width=0, preserve_short_sequences=False)
    case('StringNGrams', texts('a', 'b'), np.int64([1, 2]), separator='|', ngram_widths=[2], left_pad='<', right_pad='>', pad_width=0, preserve_short_sequences=False)
    case('StringNGrams', texts('a', 'b'), np.int64([0, 1]), separator='|', ngram_widths=[2], left_pad='<', right_pad='>', pad_width=0, preserve_short_sequences=False)
    numbers = np.float64([0.1, 1, -2.5, 1e10, 123456789.123, 1e-7, 0, -0.0, NAN, INF, -INF, 0.5, 1.5, 2.5, 1e22, 3.14159, 100, 999999.5])
    for dtype in [np.float32, np.float64]:
        for options in [{}, {'scientific': True}, {'shortest': True}, {'precision': 2}, {'precision': 0}, {'precision': 3, 'shortest': True}, {'width': 12}, {'width': 12, 'fill': '0'},
                        {'width': 12, 'fill': '-'}, {'width': 12, 'fill': '+'}, {'width': 12, 'fill': ' '}, {'precision': 1, 'scientific': True, 'width': 4}]:
            case('AsString', numbers.astype(dtype), **options)
    case('AsString', np.float16([0.1, 65504, NAN]))
    for dtype in ['int8', 'uint8', 'int16', 'int32', 'int64', 'uint32', 'uint64']:
        info = np.iinfo(dtype)
        case('AsString', np.array([info.min, info.max, 0, 7], dtype))
        case('AsString', np.array([info.min, info.max, 0, 7], dtype), width=6, fill='0')
    case('AsString', np.array([True, False]))
    case('AsString', np.complex64([1 + 2j, -0.5j]))
    case('AsString', np.complex64([1 + 2j, -0.5j]), shortest=True)
    readable = [' 1.5 ', '-7', '1e400', '0x10', 'inf', '-Infinity', 'NAN', '1.', '.5', '+3', '1e-46', '00012', '0x1p-2', '1E5']
    for dtype in [tf.float32, tf.float64]:
        for text in readable:
            case('StringToNumber', texts(text), out_type=dtype)
        for text in ['1_0', '', ' ', 'abc', '1.5abc', '1e', '--1', '1,5', '0x']:
            case('StringToNumber', texts(text), out_type=dtype)
    for dtype in [tf.int32, tf.int64, tf.uint32, tf.uint64]:
        for text in [' 12 ', '-7', '+7', '2147483648', '9223372036854775808', '1.0', '', '007', '0x10', '1_0', '4294967295', '-0']:
            case('StringToNumber', texts(text), out_type=dtype)
    for pad in [True, False]:
        case('EncodeBase64', SAMPLES, pad=pad)
    for text in ['YQ', 'YQ==', 'YWJj', '-_8', '', 'YQ=', 'Y', 'YQ+/', 'a b']:
        case('DecodeBase64', texts(text))
    long = texts(*[bytes((7 * i + n) % 256 for i in range(n)) for n in [*range(0, 70), 127, 128, 129, 192, 193, 300, 1000]])
    case('StringToHashBucketFast', long, num_buckets=2 ** 62)
    case('StringToHashBucketFast', texts('', 'a'), num_buckets=2 ** 31 - 1)
    case('StringToHashBucketStrong', long, num_buckets=2 ** 62, key=[1, 2])
    case('StringToHashBucketStrong', texts('a', 'hello'), num_buckets=1000003, key=[-1, 2 ** 40])
    case('StringToHashBucket', long, num_buckets=2 ** 62)
    case('Fingerprint', texts('a', 'bc'), np.array('farmhash64', object))
    case('Fingerprint', texts(['a', 'b'], ['c', 'd']), np.array('farmhash64', object))
    case('Fingerprint', np.int64([[1, 2], [3, 4]]), np.array('farmhash64', object))
    case('Fingerprint', np.float32([1, 2]), np.array('farmhash64', object))
    case('Fingerprint', texts('a'), np.array('sha1', object))
