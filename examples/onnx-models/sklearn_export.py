"""Writes a scikit-learn classifier as version 1 of a model: python sklearn_export.py models/iris"""

import os
import sys

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

flowers = load_iris()
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(flowers.data, flowers.target_names[flowers.target])

folder = f"{sys.argv[1]}/1"
os.makedirs(folder, exist_ok=True)
onnx_model = to_onnx(model, flowers.data[:1].astype(np.float32), options={"zipmap": False})
with open(f"{folder}/model.onnx", "wb") as file:
    file.write(onnx_model.SerializeToString())
