#!/usr/bin/env bash
# ONNX Runtime 1.30.0 (onnxruntime, CPU, x86_64), opset 20: LSTM and GRU are registered for double, so a session of such a model is made
# without a word, and every run of it fails. RNN of double has no kernel and is refused when the session is made, as
# operators without a kernel are. ONNX itself allows double for all three.
#
# Seen: sessions of LSTM and GRU are made; run fails with "LSTM operator does not support double yet" and "GRU operator does not
# support double yet"; with float both answer. Fails when that changes.
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
from onnx import helper, numpy_helper

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def attempt(op, dtype):
    weights = [numpy_helper.from_array(np.ones([1, GATES[op] * 2, size], dtype), name) for name, size in (("w", 3), ("r", 2))]
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "w", "r"], ["y"], hidden_size=2)], op,
        [helper.make_tensor_value_info("x", kind, [5, 1, 3])],
        [helper.make_tensor_value_info("y", kind, [5, 1, 1, 2])], weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception as error:
        return "no session: " + str(error).splitlines()[0][:120]
    try:
        return "answers " + str(session.run(None, {"x": np.ones([5, 1, 3], dtype)})[0].dtype)
    except Exception as error:
        return "run fails: " + str(error).splitlines()[0][-120:]


results = {(op, dtype.__name__): attempt(op, dtype) for op in GATES for dtype in (np.float32, np.float64)}
for (op, dtype), result in results.items():
    print(op, dtype, result)
expected = all(results[op, "float64"].startswith("run fails") for op in ("LSTM", "GRU"))
sys.exit(0 if expected and all(results[op, "float32"].startswith("answers") for op in GATES) else 1)
PY
"$folder/venv/bin/python" "$folder/check.py"
