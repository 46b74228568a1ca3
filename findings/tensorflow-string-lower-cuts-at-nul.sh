#!/usr/bin/env bash
# TensorFlow 2.21.0 (tensorflow-cpu, x86_64): StringLower and StringUpper with encoding="utf-8" return the text up to its first
# NUL character and drop the rest without an error. With the default encoding, and in every other string operation that was
# tried, NUL is a character like any other (U+0000 is valid UTF-8).
#
# Seen: lower("A\0B") is b"a\x00b" by default and b"a" with encoding="utf-8"; upper likewise. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 tensorflow-cpu==2.21.0
cat >"$folder/check.py" <<'PY'
import sys
import tensorflow as tf

text = tf.constant(b"A\0B")
cut = 0
for name, change in (("lower", tf.strings.lower), ("upper", tf.strings.upper)):
    plain, utf8 = change(text).numpy(), change(text, encoding="utf-8").numpy()
    print(name, "by default", plain, "as UTF-8", utf8, "length as UTF-8", int(tf.strings.length(text, "UTF8_CHAR")))
    cut += len(plain) == 3 and len(utf8) == 1
sys.exit(0 if cut == 2 else 1)
PY
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/check.py"
