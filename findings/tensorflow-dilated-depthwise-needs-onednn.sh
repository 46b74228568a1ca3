#!/usr/bin/env bash
# TensorFlow 2.21.0 (tensorflow-cpu, x86_64): a dilated DepthwiseConv2dNative has a kernel with oneDNN only, and oneDNN is on by default
# only on processors with instructions such as AVX-512 VNNI. So one model answers on one machine, and is refused with UNIMPLEMENTED on
# another with the same TensorFlow, unless TF_ENABLE_ONEDNN_OPTS says the same on both. Values differ, too: the softmax of an infinity
# beside a number is NaN and 0 with oneDNN, NaN and NaN without.
#
# Seen: with TF_ENABLE_ONEDNN_OPTS=1 "(1, 9, 9, 4) [nan, 0.0]", with 0 "UNIMPLEMENTED [nan, nan]". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TF_CPP_MIN_LOG_LEVEL=3
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 tensorflow-cpu==2.21.0
cat >"$folder/dilated.py" <<'PY'
import tensorflow as tf


@tf.function(input_signature=[tf.TensorSpec([1, 9, 9, 2])])
def convolution(x):
    return tf.raw_ops.DepthwiseConv2dNative(
        input=x, filter=tf.ones([3, 3, 2, 2]), strides=[1, 1, 1, 1], padding="SAME", dilations=[1, 2, 2, 1]
    )


try:
    answer = tuple(convolution(tf.ones([1, 9, 9, 2])).shape)
except tf.errors.UnimplementedError:
    answer = "UNIMPLEMENTED"
print(answer, tf.function(tf.nn.softmax)(tf.constant([float("inf"), 1.0])).numpy().tolist())
PY
with=$(TF_ENABLE_ONEDNN_OPTS=1 "$folder/venv/bin/python" "$folder/dilated.py" 2>/dev/null)
without=$(TF_ENABLE_ONEDNN_OPTS=0 "$folder/venv/bin/python" "$folder/dilated.py" 2>/dev/null)
echo "with oneDNN: $with; without: $without"
[ "$with" = "(1, 9, 9, 4) [nan, 0.0]" ] && [ "$without" = "UNIMPLEMENTED [nan, nan]" ]
