#!/usr/bin/env bash
# TensorFlow 2.21.0 (tensorflow-cpu): the intra-op pool of the CPU is the process's, and the first session sizes it. A later
# session's intra_op_parallelism_threads is ignored without a word, though it is a valid setting of that session's ConfigProto.
#
# Seen: a process whose first session asks for 1 thread and whose second asks for 6 has as many threads after the second as one
# whose sessions both ask for 1; a process whose first session asks for 6 has more. Fails when that changes. Linux only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 tensorflow-cpu==2.21.0
cat >"$folder/count.py" <<'PY'
import os
import sys
import tensorflow as tf

for threads in map(int, sys.argv[1:]):
    with tf.Graph().as_default():
        a = tf.compat.v1.placeholder(tf.float32, [512, 512])
        product = tf.linalg.matmul(a, a)
        config = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=threads, inter_op_parallelism_threads=1)
        with tf.compat.v1.Session(config=config) as session:
            session.run(product, {a: [[1.0] * 512] * 512})
print(len(os.listdir("/proc/self/task")))
PY
export TF_CPP_MIN_LOG_LEVEL=3 OMP_NUM_THREADS=1
count() { "$folder/venv/bin/python" "$folder/count.py" "$@"; }
same=$(count 1 1) later=$(count 1 6) first=$(count 6 1)
echo "threads: sessions of 1 and 1: $same; of 1 and 6: $later; of 6 and 1: $first"
[ "$later" -eq "$same" ] && [ "$first" -ge $((same + 4)) ]
