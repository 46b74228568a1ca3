#!/usr/bin/env bash
# TensorFlow 2.21.0 (tensorflow-cpu, x86_64, oneDNN on, as it is by default): a convolution of a batch with zero rows returns
# the shape of its input instead of its output, eagerly and inside a tf.function whose batch dimension is not known. Shape
# inference says otherwise, and with TF_ENABLE_ONEDNN_OPTS=0 the result is right.
#
# Seen: Conv2D of [0,8,8,3] with a [3,3,3,16] filter, VALID, returns (0, 8, 8, 3); expected (0, 6, 6, 16). Conv3D and
# DepthwiseConv2dNative likewise. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 tensorflow-cpu==2.21.0
cat >"$folder/check.py" <<'PY'
import sys
import tensorflow as tf

cases = [
    ("Conv2D", [8, 8, 3], lambda x: tf.nn.conv2d(x, tf.ones([3, 3, 3, 16]), 1, "VALID"), (0, 6, 6, 16)),
    ("DepthwiseConv2dNative", [8, 8, 3], lambda x: tf.nn.depthwise_conv2d(x, tf.ones([3, 3, 3, 2]), [1, 1, 1, 1], "VALID"), (0, 6, 6, 6)),
    ("Conv3D", [8, 8, 8, 3], lambda x: tf.nn.conv3d(x, tf.ones([3, 3, 3, 3, 16]), [1] * 5, "VALID"), (0, 6, 6, 6, 16)),
]
surprises = 0
for name, sizes, convolve, expected in cases:
    rows = tf.zeros([0, *sizes])
    served = tf.function(convolve, input_signature=[tf.TensorSpec([None, *sizes])])
    eager, graph = tuple(convolve(rows).numpy().shape), tuple(served(rows).numpy().shape)
    print(name, "input", tuple(rows.shape), "eager", eager, "graph", graph, "expected", expected)
    surprises += graph == tuple(rows.shape) and graph != expected
print("convolutions that return the shape of their input:", surprises, "of", len(cases))
sys.exit(0 if surprises == int(sys.argv[1]) else 1)
PY
export TF_CPP_MIN_LOG_LEVEL=3
"$folder/venv/bin/python" "$folder/check.py" 3
TF_ENABLE_ONEDNN_OPTS=0 "$folder/venv/bin/python" "$folder/check.py" 0
