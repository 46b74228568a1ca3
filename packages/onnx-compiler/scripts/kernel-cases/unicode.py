"""Unicode: characters of strings and back, in three encodings; CTC decoding."""
import numpy as np


def texts(*values):
    return np.array(values, object)


SAMPLES = texts('abc', 'É😀x', '', b'\xff\xfea', b'a\xe2\x82', b'\xed\xa0\x80b', b'\xf0\x9f\x98', b'\xc0\x80', 'tab\tx\x01y', b'\xf4\x90\x80\x80', 'a\0b')


def cases(case):
    for errors in ['replace', 'ignore', 'strict']:
        for control in [False, True]:
            for rows in [SAMPLES, SAMPLES[:3]]:
                options = {'input_encoding': 'UTF-8', 'errors': errors, 'replace_control_characters': control}
                case('UnicodeDecode', rows, **options)
                case('UnicodeDecodeWithOffsets', rows, replacement_char=63, **options)
                for target in ['UTF-8', 'UTF-16-BE', 'UTF-32-BE']:
                    case('UnicodeTranscode', rows, output_encoding=target, **options)
    for source, rows in [('UTF-16-BE', texts('aé😀'.encode('utf-16-be'), b'\xd8\x00\x00a', b'\0a\0')), ('UTF-32-BE', texts('aé😀'.encode('utf-32-be'), b'\0\x11\0\0\0\0\0a'))]:
        case('UnicodeDecodeWithOffsets', rows, input_encoding=source)
        case('UnicodeTranscode', rows, input_encoding=source, output_encoding='UTF-8')
    for errors in ['replace', 'ignore', 'strict']:
        for target in ['UTF-8', 'UTF-16-BE', 'UTF-32-BE']:
            case('UnicodeEncode', np.int32([97, 0x1f600, 0x110000, 0xd800, 233, -1]), np.int64([0, 2, 2, 6]), errors=errors, output_encoding=target)
            case('UnicodeEncode', np.int32([97, 0x1f600, 233]), np.int32([0, 2, 2, 3]), errors=errors, output_encoding=target)
    rng = np.random.default_rng(3)
    for merge in [True, False]:
        for blank in [-1, 0]:
            case('CTCGreedyDecoder', rng.standard_normal((6, 3, 4)).astype(np.float32), np.int32([6, 2, 0]), merge_repeated=merge, blank_index=blank)
