#!/usr/bin/env bash
# Measures a start: wall time to the first reply, CPU time until then, and resident memory once the host is idle after that one request.
# Each row first with empty data, then again on the same data: a host with one workflow, and one with 10,000. On a shared machine CPU time
# is more reliable than wall time. Needs curl and Linux.
#   bench/start.sh [ROUNDS, 3] [WORKFLOWS, 10000]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3} workflows=${2:-10000} port=5194
out=$(mktemp -d)
pid=
trap 'kill $pid 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT
command -v curl >/dev/null || { echo "curl is not installed" >&2; exit 1; }
[ -n "${HOST_DIR:-}" ] || { HOST_DIR=$out/host; dotnet publish src/Host -c Release -o "$HOST_DIR" -v quiet --nologo >&2; }

mkdir "$out/many"
cp bench/workflows/plain-flow.yaml "$out/many"
for i in $(seq "$workflows"); do sed "s/plain-flow/flow-$i/; s#path: /plain#path: /plain$i#" bench/workflows/plain-flow.yaml >"$out/many/$i.yaml"; done

cpu() { awk -v hertz="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1000 / hertz }' "/proc/$pid/stat"; }
start() { # LABEL WORKFLOWS DATA
  local from reply spent
  from=$(date +%s%N)
  "$HOST_DIR/sluice" serve --urls "http://127.0.0.1:$port" --admin-urls http://127.0.0.1:0 --workflows "$2" --data "$3" >"$out/log" 2>&1 &
  pid=$!
  # Polling the port in the shell costs almost nothing; starting a program for each check would take half a core from the host.
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 $pid 2>/dev/null || { cat "$out/log" >&2; exit 1; }
    sleep 0.02
  done
  until curl -sf -o /dev/null -X POST -H 'content-type: application/json' -d '{"id":1}' -H 'x-event: payment' "http://127.0.0.1:$port/hooks/plain"; do
    kill -0 $pid 2>/dev/null || { cat "$out/log" >&2; exit 1; }
    sleep 0.01
  done
  reply=$((($(date +%s%N) - from) / 1000000)) spent=$(cpu)
  sleep 5
  printf '%-32s first reply %6d ms, CPU until then %6d ms, resident at rest %4d MB\n' "$1" "$reply" "$spent" "$(awk '/VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$pid/status")"
  kill $pid
  wait $pid || true
}

for round in $(seq "$rounds"); do
  start "one workflow, empty data" bench/workflows "$out/one-$round"
  start "one workflow, same data" bench/workflows "$out/one-$round"
  start "$workflows workflows, empty data" "$out/many" "$out/many-$round"
  start "$workflows workflows, same data" "$out/many" "$out/many-$round"
  rm -rf "$out/one-$round" "$out/many-$round"
done
