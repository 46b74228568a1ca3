"""Writes a PyTorch model as version 1 of a model: python torch_export.py models/price"""

import os
import sys

import torch

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
model.eval()

folder = f"{sys.argv[1]}/1"
os.makedirs(folder, exist_ok=True)
torch.onnx.export(
    model,
    (torch.zeros(2, 4),),
    f"{folder}/model.onnx",
    input_names=["features"],
    output_names=["price"],
    dynamic_shapes=({0: "batch"},),  # the first dimension is free
    external_data=False,  # weights in model.onnx; beyond 2 GB they have to be beside it
)
print(model(torch.tensor([[1.0, 2.0, 3.0, 4.0]])).tolist())
