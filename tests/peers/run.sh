#!/usr/bin/env bash
# Calls every peer's server with `offhook call`, and has every peer's models read what our dialects send. Prints a line
# for each and fails if one fails. Needs Python 3.11 or newer, and Rust.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/offhook-ci"
venv="${OFFHOOK_PEERS_VENV:-$cache/peers}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$cache/target}"

want="$(sha256sum tests/peers/requirements.txt tests/peers/run.sh)"
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$want" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/peers/requirements.txt
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps pipecat-ai==1.14.0
  echo "$want" > "$venv/installed"
fi

cargo build --quiet --locked --bin offhook
cargo build --quiet --locked --package offhook-telephony --examples
export OFFHOOK="$CARGO_TARGET_DIR/debug/offhook"

scratch="$(mktemp -d)"
trap 'rm -r "$scratch"' EXIT
export STREAM_MESSAGES="$scratch/stream_messages"
"$CARGO_TARGET_DIR/debug/examples/stream_messages" > "$STREAM_MESSAGES"
"$CARGO_TARGET_DIR/debug/examples/sign_requests" > "$scratch/signed"

for peer in plivo twilio telnyx vonage; do
  "$venv/bin/python" "tests/peers/${peer}_server.py" | tee -a "$scratch/report" ||
    echo "FAILED ${peer}_server.py" >> "$scratch/failed"
done
if "$venv/bin/python" tests/peers/signature_vectors.py verify < "$scratch/signed" > "$scratch/verified"; then
  echo "ok the vendors' verifiers accept our signatures: $(paste -sd, "$scratch/verified")" |
    tee -a "$scratch/report"
else
  echo "FAILED the vendors' verifiers accept our signatures" | tee -a "$scratch/report"
  cat "$scratch/verified"
fi

passed="$(grep -c '^ok ' "$scratch/report" || true)"
failed="$(grep -c '^FAILED ' "$scratch/report" || true)"
# A server that ended early has told nothing about the calls it did not take.
if [ "$failed" = 0 ] && [ -e "$scratch/failed" ]; then
  cat "$scratch/failed"
  failed="$(wc -l < "$scratch/failed")"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
