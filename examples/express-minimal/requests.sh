model=${1:-http://localhost:8501/v1/models/half_plus_two}

curl -s "$model:predict" -d '{"instances": [1.0, 2.0, 5.0]}'
# {"predictions": [2.5, 3.0, 4.5]}

curl -s "$model:predict" -d '{"inputs": {"x": [1.0, 2.0, 5.0]}}'
# {"outputs": [2.5, 3.0, 4.5]}

curl -s "$model"
# {"model_version_status": [{"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}]}
