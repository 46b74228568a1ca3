#!/usr/bin/env bash
# ONNX Runtime 1.30.0 (onnxruntime, CPU, x86_64), opset 20: a Resize whose `sizes` are an int32 input behind a Cast to int64 makes no
# session. The model passes onnx.checker with full shape inference. The same sizes behind one more Reshape to [4] work.
#
# Seen: "Number of elements of input 'sizes' (0) ..." when the session is made; with the Reshape the output has the asked
# shape. Fails when that changes.
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


def resized(with_reshape):
    nodes = [helper.make_node("Cast", ["target"], ["wide"], to=TensorProto.INT64)]
    if with_reshape:
        nodes.append(helper.make_node("Reshape", ["wide", "four"], ["sizes"]))
    nodes.append(helper.make_node("Resize", ["x", "", "", "sizes" if with_reshape else "wide"], ["y"], mode="linear"))
    graph = helper.make_graph(
        nodes, "resize",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 2, 2]),
         helper.make_tensor_value_info("target", TensorProto.INT32, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["a", "b", "c", "d"])],
        [helper.make_tensor("four", TensorProto.INT64, [1], [4])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds = {"x": np.ones([1, 1, 2, 2], np.float32), "target": np.array([1, 1, 4, 6], np.int32)}
    return session.run(None, feeds)[0].shape


refused = 0
for SHAPE in ([4], ["n"]):
    try:
        print("target", SHAPE, "Cast -> Resize:", resized(False))
    except Exception as error:
        print("target", SHAPE, "Cast -> Resize:", type(error).__name__, str(error).splitlines()[0][:200])
        refused += 1
    print("target", SHAPE, "Cast -> Reshape -> Resize:", resized(True))
sys.exit(0 if refused else 1)
PY
"$folder/venv/bin/python" "$folder/check.py"
