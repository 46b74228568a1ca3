"""Images: JPEG in all samplings, PNG, BMP; resizing."""
import struct

import numpy as np
import tensorflow as tf


def cases(case):
    rng = np.random.default_rng(11)
    smooth = np.stack([*np.meshgrid(np.arange(21), np.arange(19)), np.full((19, 21), 7)], -1)
    colors = (smooth * [11, 12, 9] + rng.integers(0, 30, smooth.shape)).clip(0, 255).astype(np.uint8)
    jpegs = [tf.io.encode_jpeg(colors, quality=q, chroma_downsampling=d, progressive=p).numpy() for q, d, p in [(90, True, False), (75, False, False), (95, True, True), (40, False, True)]]
    jpegs += [tf.io.encode_jpeg(colors[:, :, :1], format='grayscale').numpy(), tf.io.encode_jpeg(colors[:5, :3], quality=80).numpy(), tf.io.encode_jpeg(colors[:1, :1]).numpy()]
    for data in jpegs:
        data = np.array(data, object)
        for channels in [0, 1, 3]:
            for method in ['INTEGER_ACCURATE', '']:
                case('DecodeJpeg', data, channels=channels, dct_method=method)
        case('DecodeJpeg', data, fancy_upscaling=False, dct_method='INTEGER_ACCURATE')
        case('DecodeImage', data, channels=3, expand_animations=False)
        case('DecodeImage', data, channels=3, dtype=tf.float32)
    alpha = np.concatenate([colors, colors[:, :, :1]], -1)
    for pixels in [colors, colors[:, :, :1], alpha, alpha[:, :, :2], colors.astype(np.uint16) * 257 + 3]:
        data = np.array(tf.io.encode_png(pixels).numpy(), object)
        for channels in [0, 3, 4] if pixels.shape[-1] > 2 else [0, 1, 3, 4]:
            case('DecodePng', data, channels=channels)
        case('DecodeImage', data, channels=0)
    small = colors[:5, :6]
    for channels, rows in [(3, small[::-1, :, ::-1]), (1, small[::-1, :, :1])]:
        lines = b''.join(row.tobytes() + b'\0' * (-len(row.tobytes()) % 4) for row in rows)
        data = b'BM' + struct.pack('<IHHI', 54 + len(lines), 0, 0, 54) + struct.pack('<IiiHHIIiiII', 40, 6, 5, 1, 8 * channels, 0, len(lines), 0, 0, 0, 0) + lines
        case('DecodeBmp', np.array(data, object))
    case('DecodeImage', np.array(b'nothing at all', object))
    images = [rng.uniform(0, 255, (2, 5, 7, 3)).astype(np.float32), rng.integers(0, 255, (1, 4, 4, 1)).astype(np.uint8)]
    for x in images:
        for size in [(8, 8), (3, 2), (5, 7), (1, 1), (11, 4)]:
            for align, half in [(False, False), (True, False), (False, True)]:
                for op in ['ResizeBilinear', 'ResizeNearestNeighbor']:
                    case(op, x, np.int32(size), align_corners=align, half_pixel_centers=half)
