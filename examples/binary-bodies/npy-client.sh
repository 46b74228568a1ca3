# images.npy as numpy.save wrote it, float32 of shape (n, 8, 8, 1); labels.npy for numpy.load
model=${1:-http://localhost:8501/v1/models/digits}
curl --silent --show-error --fail-with-body --output labels.npy "$model:predict" \
  --header 'Content-Type: application/x-npy' --header 'Serving-Output: label' --data-binary @images.npy
