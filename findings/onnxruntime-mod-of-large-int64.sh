#!/usr/bin/env bash
# ONNX Runtime 1.30.0 (onnxruntime, CPU, x86_64), opset 20: Mod with fmod=1 on int64 computes in double, so that remainders of
# numbers beyond 2^53 are wrong. With fmod=0, which is the same for positive numbers, they are exact.
#
# Seen: (2^60 + 1) mod 1000 is 977; fmod=0 answers that, fmod=1 another number. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --retries 0 onnxruntime==1.30.0 onnx==1.23.1 numpy
cat >"$folder/check.py" <<'PY'
import sys
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def remainders(fmod, numbers, divisor):
    graph = helper.make_graph(
        [helper.make_node("Mod", ["x", "y"], ["z"], fmod=fmod)], "mod",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["n"]) for name in ("x", "y")],
        [helper.make_tensor_value_info("z", TensorProto.INT64, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.array(numbers), "y": np.full(len(numbers), divisor)})[0].tolist()


numbers = [2**53 + 1, 2**60 + 1, 2**62 + 12345]
expected = [number % 1000 for number in numbers]
exact, floating = remainders(0, numbers, 1000), remainders(1, numbers, 1000)
print("expected", expected, "fmod=0", exact, "fmod=1", floating)
sys.exit(0 if exact == expected and floating != expected else 1)
PY
"$folder/venv/bin/python" "$folder/check.py"
