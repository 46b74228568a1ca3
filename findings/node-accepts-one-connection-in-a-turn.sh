#!/usr/bin/env bash
# Node 20.19.5 and 22.23.3 (libuv from 1.46): a listener accepts one connection in a turn of the event loop. Node 18.20.8 (libuv 1.44)
# accepted all that were queued. A server that answers a request in a millisecond on each of its connections so lets the 500th of a burst wait
# for about two minutes: each of its turns is longer than the one before. Load generators that open all connections at once show it as a long tail.
#
# Seen: sixty connections at once take 1 turn with 18.20.8, and 60 with 20.19.5 and 22.23.3. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/turns.cjs" <<'JS'
const { createServer, connect } = require('node:net');
const CLIENTS = 60;
let turn = 0;
const turns = [];
const server = createServer((socket) => {
  turns.push(turn);
  socket.resume();
  if (turns.length < CLIENTS) return;
  console.log(`${new Set(turns).size} turns for ${CLIENTS} connections`);
  process.exit();
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const count = () => {
    turn++;
    setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < CLIENTS; i++) connect(port, '127.0.0.1');
});
JS
turns() {
  npm install --silent --no-audit --no-fund --prefix "$folder/$1" "node@$1" >/dev/null
  "$folder/$1/node_modules/node/bin/node" "$folder/turns.cjs"
}
for version in 18.20.8 20.19.5 22.23.3; do echo "$version: $(turns "$version")"; done | tee "$folder/seen"
[ "$(sed 's/.*: \([0-9]*\) turns.*/\1/' "$folder/seen" | tr '\n' ' ')" = "1 60 60 " ]
