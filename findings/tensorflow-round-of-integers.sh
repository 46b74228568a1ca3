#!/usr/bin/env bash
# TensorFlow 2.21.0 (tensorflow-cpu, x86_64): the operation Round accepts int32 and int64 and answers zeros. tf.round hides it by returning
# integers as they are, but a graph that holds the operation itself, as other front ends write it, is served with zeros.
#
# Seen: Round of [1, -7, 1000] is [0, 0, 0] for int32 and int64, and [1, -7, 1000] for float32. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 tensorflow-cpu==2.21.0
cat >"$folder/check.py" <<'PY'
import sys
import tensorflow as tf

zeros = 0
for dtype in (tf.float32, tf.int32, tf.int64):
    numbers = tf.constant([1, -7, 1000], dtype)
    eager = tf.raw_ops.Round(x=numbers).numpy().tolist()
    graph = tf.function(lambda x: tf.raw_ops.Round(x=x)).get_concrete_function(tf.TensorSpec([None], dtype))(numbers).numpy().tolist()
    print(dtype.name, "eager", eager, "graph", graph, "tf.round", tf.round(numbers).numpy().tolist())
    zeros += dtype.is_integer and eager == graph == [0, 0, 0]
sys.exit(0 if zeros == 2 else 1)
PY
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/check.py"
