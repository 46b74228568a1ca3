# Sends the bytes of digit.png as they are, and prints {"digit":8,"probability":0.92…}
curl --silent --show-error --fail-with-body "${1:-http://localhost:8501}/classify" \
  --header 'Content-Type: image/png' --data-binary @digit.png
