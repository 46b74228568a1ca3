server=${1:-http://localhost:8501}

curl -s "$server/v2/models/half_plus_two/infer" -d '{"inputs": [{"name": "x", "shape": [3], "datatype": "FP32", "data": [1, 2, 5]}]}'
# {"model_name": "half_plus_two", "model_version": "123", "outputs": [{"name": "y", "datatype": "FP32", "shape": [3], "data": [2.5, 3.0, 4.5]}]}
